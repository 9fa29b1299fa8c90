import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { percentilesOf } from './load/percentiles.mjs';
import { runLoad } from './load/run-load.mjs';
import { followEnds } from './measure/follow-ends.mjs';
import { startBackends } from './system/backends.mjs';
import { JSON_EVENT } from './system/target.mjs';
import {
  callingWorkflow,
  createWorkflow,
  DATABASE,
  startTwoExecutors,
} from './system/two-executors.mjs';
import { startServer, withStops } from './system/with-stops.mjs';
import { WORKFLOW } from './system/workflow.mjs';

/*
 * Measures how long a cancel takes: from its request to its answer, and to the final status in MongoDB's change stream.
 * Two executors drive runs whose calls hang, events come meanwhile, and every cancel is sent to the same executor,
 * whichever drives the run.
 */
const { values } = parseArgs({
  options: {
    driver: { type: 'string', default: 'nats' },
    cancels: { type: 'string', default: '300' },
    'events-per-second': { type: 'string', default: '100' },
  },
});
/** @type {'nats' | 'http'} */
const driver = values.driver === 'http' ? 'http' : 'nats';
const cancels = Number(values.cancels);
const perSecond = Number(values['events-per-second']);
/** The time between two cancels, in milliseconds. */
const PAUSE_MS = 50;

await ensureBuild(new AbortController().signal);
await withStops('cancels', measure);

/** @param {import('./system/with-stops.mjs').Scene} scene */
async function measure(scene) {
  const { folder, stops } = scene;
  let calls = 0;
  // A target that takes every request and answers none.
  const hanging = await startServer(scene, () => {
    calls += 1;
  });
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  const system = await startTwoExecutors(backends, { driver, folder, executorEnv: executorEnv() });
  stops.push(() => system.stop());
  const { listenerUrl, apis } = system;
  // Over HTTP the first executor drives all runs, so the second one gets the cancels.
  const api = driver === 'http' ? apis[1] : apis[0];
  const busy = await createWorkflow(api, WORKFLOW);
  const hangs = await createWorkflow(api, callingWorkflow('hangs', hanging));
  /** @type {string[]} */
  const ids = [];
  for (let n = 0; n < cancels; n += 1) ids.push(await start(listenerUrl, hangs, n));
  await waitFor('all calls', () => (calls >= cancels ? true : undefined));

  const activities = backends.mongodb.db(DATABASE).collection('activities');
  const ends = await followEnds(/** @type {any} */ (activities), 'cancelled');
  const load = startLoad(listenerUrl, busy.token);
  await delay(1_000);
  const asked = await cancelAll(api, ids);
  await waitFor('all ends', () => (ids.every((id) => ends.seenAt.has(id)) ? true : undefined));
  const { answers } = await load;
  await ends.close();
  const answered = asked.map(({ at, answeredAt }) => answeredAt - at);
  const cancelled = asked.map(({ id, at }) => (ends.seenAt.get(id) ?? NaN) - at);
  const milliseconds = { answered: percentilesOf(answered), cancelled: percentilesOf(cancelled) };
  const found = { driver, cancels, perSecond, answers, milliseconds };
  process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
}

/** All calls of the bench are of one workflow and to one origin, and over HTTP of one executor. */
function executorEnv() {
  return {
    HTTP_TASK_ALLOWED_NETWORKS: '127.0.0.0/8',
    HTTP_TASK_CONNECTIONS_MAX: '2000',
    HTTP_TASK_CALLS_PER_WORKFLOW_MAX: '2000',
    HTTP_TASK_CALLS_MAX: '2000',
    ACTIVITIES_IN_FLIGHT_MAX: '1000',
  };
}

/**
 * @param {string} listenerUrl
 * @param {string} token
 */
function startLoad(listenerUrl, token) {
  const target = {
    url: `${listenerUrl}/listener/event`,
    headers: { ...JSON_EVENT, authorization: `Bearer ${token}` },
    workflowId: WORKFLOW.id,
    pids: {},
    stop: async () => undefined,
  };
  const seconds = Math.ceil((cancels * PAUSE_MS) / 1000) + 2;
  return runLoad(target, { perSecond, seconds, connections: 16, tracked: false });
}

/**
 * @param {import('../tools/start/api-client.mjs').ApiClient} api
 * @param {readonly string[]} ids
 */
async function cancelAll(api, ids) {
  const asked = [];
  for (const id of ids) {
    const at = now();
    await api.post(`/api/v2/activities/${id}/cancel`, {});
    asked.push({ id, at, answeredAt: now() });
    await delay(PAUSE_MS);
  }
  return asked;
}

/** In milliseconds since 1970, with fractions. */
function now() {
  return performance.timeOrigin + performance.now();
}

/**
 * @param {string} listenerUrl
 * @param {{ id: string, token: string }} workflow
 * @param {number} n
 * @returns {Promise<string>} the activity's id
 */
async function start(listenerUrl, { id, token }, n) {
  const event = {
    specversion: '1.0',
    id: String(n),
    source: '/cancels',
    type: 'a',
    subject: `/${id}`,
  };
  const answer = await fetch(`${listenerUrl}/listener/event`, {
    method: 'POST',
    headers: { ...JSON_EVENT, authorization: `Bearer ${token}` },
    body: JSON.stringify(event),
  });
  if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
  const receipt = /** @type {unknown} */ (await answer.json());
  return /** @type {{ activityid: string }} */ (receipt).activityid;
}
