import { setTimeout as delay } from 'node:timers/promises';
import { percentilesOf } from '../load/percentiles.mjs';

const TIMES = 100;
const LOOKING_MS = 3_000;

/** Lists that people look at. */
const LISTS = [
  '/api/v2/activities?limit=50',
  '/api/v2/activities?limit=50&status=failed',
  '/api/v2/activities?limit=50&status=waiting',
  '/api/v2/activities?limit=50&workflowId=bench',
  '/api/v2/workflows?limit=50',
];

/**
 * @param {import('../system/flow.mjs').Apps} apps
 * @returns {Promise<Record<string, import('../load/percentiles.mjs').Percentiles>>} what each list takes, in milliseconds
 */
export async function measureLists({ api }) {
  /** @type {Record<string, import('../load/percentiles.mjs').Percentiles>} */
  const found = {};
  for (const list of LISTS) found[list] = await timed(() => api.get(list));
  return found;
}

/**
 * What the sweeper's looks take, as MongoDB's profiler saw the last one of each kind: each is sent again and again.
 *
 * @param {import('../system/flow.mjs').Apps} apps
 */
export async function measureLooks({ db }) {
  await db.command({ profile: 2 });
  await delay(LOOKING_MS);
  await db.command({ profile: 0 });
  const profiled = /** @type {import('mongoose').mongo.Collection<Record<string, unknown>>} */ (
    /** @type {unknown} */ (db.collection('system.profile'))
  );
  /** @type {import('mongoose').mongo.WithId<Record<string, unknown>>[]} */
  const looks = await profiled
    .find({ op: 'query', 'command.sort.wakeAt': 1, ns: `${db.databaseName}.activities` })
    .sort({ ts: -1 })
    .toArray();
  await profiled.drop();
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const { command, keysExamined, docsExamined } of looks) {
    const { find, filter, projection, sort, skip, limit } = /** @type {Record<string, unknown>} */ (
      command
    );
    const kind = `wakeAt ${isForDue(filter) ? 'due' : 'early'}`;
    if (kind in found) continue;
    const look = { find, filter, projection, sort, skip, limit };
    const ms = await timed(() => db.command(look, { ignoreUndefined: true }));
    found[kind] = { ms, keysExamined: Number(keysExamined), docsExamined: Number(docsExamined) };
  }
  return found;
}

/** @param {unknown} filter */
function isForDue(filter) {
  return typeof filter === 'object' && filter !== null && '$or' in filter;
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const took = [];
  for (let n = 0; n < TIMES; n += 1) {
    const at = performance.now();
    await work();
    took.push(performance.now() - at);
  }
  return percentilesOf(took);
}
