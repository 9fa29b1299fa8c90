import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { builtApp, ensureBuild } from '../tools/project/build.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ApiClient } from '../tools/start/api-client.mjs';
import { executorSettings, listenerSettings } from '../tools/start/app-settings.mjs';
import { percentilesOf } from './load/percentiles.mjs';
import { runLoad } from './load/run-load.mjs';
import { followEnds } from './measure/follow-ends.mjs';
import { startBackends } from './system/backends.mjs';
import { startService } from './system/service.mjs';
import { JSON_EVENT } from './system/target.mjs';
import { WORKFLOW } from './system/workflow.mjs';

/*
 * How long a cancel takes: from its request to its answer, and to the final status as a reader of
 * MongoDB's change stream sees it. Two executors drive runs whose calls hang, events come meanwhile,
 * and every cancel is asked of the same executor, whichever drives the run.
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
/** Between two cancels, in milliseconds. */
const PAUSE_MS = 50;
const DATABASE = 'flow';

await ensureBuild(new AbortController().signal);
const folder = await mkdtemp(path.join(tmpdir(), 'flow-eventing-cancels-'));
/** @type {(() => Promise<unknown>)[]} */
const stops = [];
try {
  await measure();
} finally {
  for (const stop of stops.toReversed()) await stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure() {
  const hanging = await startHangingServer();
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  const { api, listenerUrl } = await startSystem(backends);
  const busy = await createWorkflow(api, WORKFLOW);
  const hangs = await createWorkflow(api, hangingWorkflow(hanging.url));
  /** @type {string[]} */
  const ids = [];
  for (let n = 0; n < cancels; n += 1) ids.push(await start(listenerUrl, hangs, n));
  await waitFor('all calls', () => (hanging.calls() >= cancels ? true : undefined));

  const activities = backends.mongodb.db(DATABASE).collection('activities');
  const ends = await followEnds(/** @type {any} */ (activities), 'cancelled');
  const load = startLoad(listenerUrl, busy.token);
  await pause(1_000);
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

/**
 * @param {import('./system/backends.mjs').Backends} backends
 * @returns {Promise<{ api: ApiClient, listenerUrl: string }>}
 */
async function startSystem(backends) {
  const settings = {
    mongodbUrl: backends.mongodbUrl(DATABASE),
    natsUrl: driver === 'nats' ? backends.natsUrl : undefined,
    driver,
    internalSecret: randomBytes(32).toString('hex'),
    adminToken: randomBytes(32).toString('hex'),
  };
  const env = {
    HTTP_TASK_ALLOWED_NETWORKS: '127.0.0.0/8',
    // All calls of the bench are of one workflow and to one origin, and over HTTP of one executor.
    HTTP_TASK_CONNECTIONS_MAX: '2000',
    HTTP_TASK_CALLS_PER_WORKFLOW_MAX: '2000',
    HTTP_TASK_CALLS_MAX: '2000',
    ACTIVITIES_IN_HAND_MAX: '1000',
  };
  const executor = (/** @type {string} */ name) =>
    started({
      name,
      script: builtApp('workflow-executor'),
      env: (url) => ({ ...executorSettings(settings, url), ...env }),
      folder,
    });
  const [first, second] = [await executor('executor-1'), await executor('executor-2')];
  const listener = await started({
    name: 'listener',
    script: builtApp('listener'),
    env: () => listenerSettings(settings, first.url),
    folder,
  });
  // Over HTTP the first executor drives everything: then the second is asked.
  const { url } = driver === 'http' ? second : first;
  return { api: new ApiClient(url, settings.adminToken), listenerUrl: listener.url };
}

/** @param {import('./system/service.mjs').ServiceOptions} options */
async function started(options) {
  const service = await startService({ ...options, operations: true });
  stops.push(() => service.stop());
  return service;
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
 * @param {ApiClient} api
 * @param {readonly string[]} ids
 */
async function cancelAll(api, ids) {
  const asked = [];
  for (const id of ids) {
    const at = now();
    await api.post(`/api/v2/activities/${id}/cancel`, {});
    asked.push({ id, at, answeredAt: now() });
    await pause(PAUSE_MS);
  }
  return asked;
}

/** In milliseconds since 1970, with fractions. */
function now() {
  return performance.timeOrigin + performance.now();
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @returns {Promise<{ url: string, calls: () => number }>} what takes every request and answers none */
async function startHangingServer() {
  let calls = 0;
  const server = createServer(() => {
    calls += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, calls: () => calls };
}

/** @param {string} url */
function hangingWorkflow(url) {
  return {
    id: 'hangs',
    name: 'hangs',
    triggers: { event: { enabled: true } },
    tasks: [
      { name: 'start', type: 'start' },
      {
        name: 'call',
        type: 'http',
        dependencies: [{ taskRef: 'start' }],
        params: [{ name: 'url', value: url }],
      },
      { name: 'end', type: 'end', dependencies: [{ taskRef: 'call' }] },
    ],
  };
}

/**
 * @param {ApiClient} api
 * @param {{ readonly id: string }} workflow
 */
async function createWorkflow(api, workflow) {
  await api.post('/api/v2/workflows', workflow);
  const issued = await api.post(`/api/v2/workflows/${workflow.id}/tokens`, { label: 'bench' });
  return { id: workflow.id, token: /** @type {{ token: string }} */ (issued).token };
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
