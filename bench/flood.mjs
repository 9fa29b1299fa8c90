import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuild } from '../tools/project/build.mjs';
import { builtModule } from './system/built-module.mjs';
import { startBackends } from './system/backends.mjs';

/*
 * Measures what a flood of events leaves in MongoDB: half of them are refused (and recorded), half are filtered, for ten
 * workflows, each with another event. It runs in one process without HTTP, with the same code that decides what is written
 * (`decisions.mjs` floods over HTTP).
 *
 *   node bench/flood.mjs [--flood 1000000]
 */

const at = process.argv.indexOf('--flood');
const FLOOD = Number(at < 0 ? 1_000_000 : process.argv[at + 1]);
const WORKFLOWS = 10;
/** The number of events in a row before the event loop gets a turn. */
const TURN = 1_000;

await ensureBuild();
const { DecisionLog } =
  /** @type {typeof import('../apps/listener/src/decisions/decision-log.js')} */ (
    await builtModule('apps/listener/src/decisions/decision-log.js')
  );
const { DecidedRejections } =
  /** @type {typeof import('../apps/listener/src/decisions/decided-rejections.js')} */ (
    await builtModule('apps/listener/src/decisions/decided-rejections.js')
  );
const { MongoLink, DEFAULT_MONGO_SETTINGS } = /** @type {typeof import('@app/persistence')} */ (
  await builtModule('libs/persistence/src/index.js')
);
const { MongoDecisionStore } =
  /** @type {typeof import('../libs/persistence/src/decisions/mongo-decision-store.js')} */ (
    await builtModule('libs/persistence/src/decisions/mongo-decision-store.js')
  );
const { MongoRejectedRequestStore } =
  /** @type {typeof import('../libs/persistence/src/rejected-requests/mongo-rejected-request-store.js')} */ (
    await builtModule('libs/persistence/src/rejected-requests/mongo-rejected-request-store.js')
  );

const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-bench-'));
const backends = await startBackends(folder, '2m');
const link = new MongoLink({
  ...DEFAULT_MONGO_SETTINGS,
  url: backends.mongodbUrl('flood'),
});
try {
  await link.open();
  await flood();
} finally {
  await link.close();
  await backends.stop();
  await rm(folder, { recursive: true, force: true });
}

async function flood() {
  // The defaults of the listener.
  const settings = { perMinuteMax: 60, keptMs: 604_800_000, bytesMax: 268_435_456, flushMs: 1_000 };
  let dropped = 0;
  const store = new MongoDecisionStore(link);
  const decisions = new DecisionLog(store, settings, Date.now, (/** @type {number} */ some) => {
    dropped += some;
  });
  const stored = new MongoRejectedRequestStore(link);
  const rejected = new DecidedRejections(stored, decisions);
  const began = performance.now();
  for (let sent = 0; sent < FLOOD; sent += 1) {
    if (sent % 2 === 0) rejected.add(refusal(sent));
    else decisions.add(filtered(sent));
    if (sent % TURN === 0) await sleep(1);
  }
  const seconds = (performance.now() - began) / 1_000;
  await decisions.onModuleDestroy();
  await stored.flush();
  say(`${FLOOD} in ${seconds.toFixed(0)} s; not even counted: ${dropped}; left:`);
  const db = backends.mongodb.db('flood');
  for (const name of ['decisions', 'activities']) {
    const { count, size } = await db.command({ collStats: name });
    say(`  ${name}: ${count} documents, ${size} bytes`);
  }
}

/** @param {number} sent @returns {import('@app/persistence').RejectedRequest} */
function refusal(sent) {
  return {
    ...{ workflowId: `workflow-${sent % WORKFLOWS}`, trigger: 'event', code: 'TOKEN_INVALID' },
    ...{ message: 'The token is not one of the workflow', at: Date.now() },
    ...{ eventId: `event-${sent}`, source: '/flood', remoteAddress: `10.0.0.${sent % 250}` },
  };
}

/** @param {number} sent @returns {Omit<import('@app/persistence').Decision, 'at'>} */
function filtered(sent) {
  const path = 'filter.exact.type';
  return {
    ...{ workflowId: `workflow-${sent % WORKFLOWS}`, trigger: 'event', outcome: 'filtered' },
    ...{ eventId: `event-${sent}`, source: '/flood', type: 'other' },
    clauses: [{ path, holds: false, wants: '"com.shop.order.placed"', saw: '"other"' }],
  };
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
