import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startBackends } from '../bench/system/backends.mjs';
import { say } from './project/say.mjs';
import { waitFor } from './project/wait-for.mjs';
import { startCalledService } from './rollout/called-service.mjs';
import { Fleet } from './rollout/fleet.mjs';
import { earlierRelease, removeRelease, thisRelease } from './rollout/release.mjs';
import { Sender } from './rollout/sender.mjs';
import { judge } from './rollout/verdict.mjs';
import { ApiClient } from './start/api-client.mjs';
import { executorSettings, listenerSettings } from './start/app-settings.mjs';

/*
 * `npm run check:rollout -- --from <commit>` replaces two listeners and two executors of an earlier release by those of this
 * one, one by one while events come, and then goes back. Every request must be answered or cleanly refused, each accepted
 * event must run once, and every process must end with success. It is not part of `npm test`, because it needs the history
 * and builds the earlier release.
 */

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    'per-second': { type: 'string', default: '50' },
    keep: { type: 'boolean', default: false },
  },
});
if (values.from === undefined) throw new Error('--from <commit> is the release to come from');

const DATABASE = 'flow_eventing';
/** The duration of each phase without a change: long enough for a meaningful p99. */
const CALM_MS = 10_000;
const WORKFLOW_ID = 'rollout';

const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-rollout-'));
/** @type {(() => Promise<unknown>)[]} */
const stops = [];
try {
  const { lines, broken } = judge(await roll(values.from, Number(values['per-second'])));
  process.stdout.write(`${lines.join('\n')}\n`);
  for (const problem of broken) process.stdout.write(`BROKEN: ${problem}\n`);
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  for (const stop of stops.toReversed()) await stop();
  if (values.keep) say(`Logs are in ${folder}`);
  else await rm(folder, { recursive: true, force: true });
}

/**
 * @param {string} from
 * @param {number} perSecond
 * @returns {Promise<import('./rollout/verdict.mjs').Outcome>}
 */
async function roll(from, perSecond) {
  const worktree = path.join(folder, 'earlier');
  stops.push(() => removeRelease(worktree));
  const earlier = await earlierRelease(from, worktree);
  const current = await thisRelease();
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  const service = await startCalledService();
  stops.push(() => service.stop());
  const { settingsOf, adminToken } = settings(backends);
  const fleet = new Fleet(settingsOf, path.join(folder, 'logs'));
  stops.push(() => fleet.stop());
  await fleet.start(earlier);

  const token = await createWorkflow(new ApiClient(fleet.executorUrl, adminToken), service.url);
  const urls = () => fleet.listenerUrls;
  const sender = new Sender({ urls, workflowId: WORKFLOW_ID, token, perSecond });
  await during(sender, earlier.name, () => delay(CALM_MS));
  // Executors first, as docs/operations.md says: a new one understands what an old listener sends.
  await during(sender, `to ${current.name}`, () =>
    fleet.replaceWith(current, ['workflow-executor', 'listener']),
  );
  await during(sender, current.name, () => delay(CALM_MS));
  await during(sender, `back to ${earlier.name}`, () =>
    fleet.replaceWith(earlier, ['listener', 'workflow-executor']),
  );
  await during(sender, `${earlier.name} again`, () => delay(CALM_MS));
  await sender.stop();

  const activities = backends.mongodb.db(DATABASE).collection('activities');
  const statuses = await untilFinal(activities);
  await fleet.stop();
  return { sent: sender.sent, statuses, calls: service.calls, ended: fleet.ended };
}

/**
 * @param {Sender} sender
 * @param {string} phase
 * @param {() => Promise<void>} what
 */
async function during(sender, phase, what) {
  say(`${phase} ...`);
  sender.phase = phase;
  await what();
}

/** @param {import('../bench/system/backends.mjs').Backends} backends */
function settings(backends) {
  const system = {
    mongodbUrl: backends.mongodbUrl(DATABASE),
    natsUrl: backends.natsUrl,
    driver: /** @type {const} */ ('nats'),
    internalSecret: randomBytes(32).toString('hex'),
    adminToken: randomBytes(32).toString('hex'),
  };
  const local = { HTTP_TASK_ALLOWED_NETWORKS: '127.0.0.0/8' };
  const settingsOf = (/** @type {string} */ executorUrl) => ({
    listener: listenerSettings(system, executorUrl),
    'workflow-executor': { ...executorSettings(system, 'http://127.0.0.1:1'), ...local },
  });
  return { settingsOf, adminToken: system.adminToken };
}

/**
 * @param {ApiClient} api
 * @param {string} url that it calls
 * @returns {Promise<string>} a token for it
 */
async function createWorkflow(api, url) {
  await api.post('/api/v2/workflows', {
    id: WORKFLOW_ID,
    name: WORKFLOW_ID,
    triggers: { event: { enabled: true } },
    tasks: [
      { name: 'start', type: 'start' },
      {
        name: 'call',
        type: 'http',
        dependencies: [{ taskRef: 'start' }],
        params: [
          { name: 'method', value: 'POST' },
          { name: 'url', value: url },
        ],
      },
      {
        name: 'end',
        type: 'end',
        dependencies: [{ taskRef: 'call', executionCondition: 'success' }],
      },
    ],
  });
  const issued = await api.post(`/api/v2/workflows/${WORKFLOW_ID}/tokens`, { label: 'rollout' });
  return /** @type {{ token: string }} */ (issued).token;
}

/**
 * @param {import('mongoose').mongo.Collection} activities
 * @returns {Promise<Record<string, number>>} how many have which status, once all have ended
 */
function untilFinal(activities) {
  const open = ['queued', 'running', 'waiting', 'paused'];
  return waitFor(
    'all runs to end',
    async () => {
      const counted = /** @type {{ _id: string, count: number }[]} */ (
        await activities.aggregate([{ $group: { _id: '$status', count: { $sum: 1 } } }]).toArray()
      );
      const statuses = Object.fromEntries(counted.map(({ _id, count }) => [_id, count]));
      return open.some((status) => status in statuses) ? undefined : statuses;
    },
    { timeoutMs: 120_000 },
  );
}
