import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { percentilesOf } from './load/percentiles.mjs';
import { startBackends } from './system/backends.mjs';
import { JSON_EVENT } from './system/target.mjs';
import {
  callingWorkflow,
  createWorkflow,
  DATABASE,
  startTwoExecutors,
} from './system/two-executors.mjs';
import { startServer, withStops } from './system/with-stops.mjs';

/*
 * Measures how soon events run after an outage of MongoDB or NATS. Events are sent at a steady rate before, during and
 * after the outage, each until it is accepted. Counted are events that were accepted during the outage or in the seconds
 * around it, and events that had not ended when it began. Their time runs from the end of the outage, or from their
 * acceptance if that was later, to the start of their run and to its end.
 */
const { values } = parseArgs({
  options: {
    driver: { type: 'string', default: 'nats' },
    of: { type: 'string', default: 'mongodb' },
    how: { type: 'string', default: 'kill' },
    seconds: { type: 'string', default: '5' },
    'events-per-second': { type: 'string', default: '100' },
  },
});
/** @type {'nats' | 'http'} */
const driver = values.driver === 'http' ? 'http' : 'nats';
/** @type {'nats' | 'mongodb'} */
const of = values.of === 'nats' ? 'nats' : 'mongodb';
const outageMs = Number(values.seconds) * 1_000;
const perSecond = Number(values['events-per-second']);
/** The time with events before the outage and after it, in ms. */
const AROUND_MS = 3_000;
/** Events that are accepted within this time after the outage count as around it, in ms. */
const COUNTED_AFTER_MS = 1_000;
const SENT_AGAIN_AFTER_MS = 250;
/** The duration of the call of each run, in ms. */
const CALL_MS = 20;

await ensureBuild(new AbortController().signal);
await withStops('outages', measure);

/** @param {import('./system/with-stops.mjs').Scene} scene */
async function measure(scene) {
  const { folder, stops } = scene;
  const url = await startServer(scene, (request, response) => {
    request.resume();
    setTimeout(() => response.end('{}'), CALL_MS);
  });
  // JetStream syncs each message before it acknowledges it, as production does for events that only NATS has.
  const backends = await startBackends(folder, 'always');
  stops.push(() => backends.stop());
  const executorEnv = { HTTP_TASK_ALLOWED_NETWORKS: '127.0.0.0/8' };
  const system = await startTwoExecutors(backends, { driver, folder, executorEnv });
  stops.push(() => system.stop());
  const workflow = await createWorkflow(system.apis[0], callingWorkflow('calls', url));

  const sending = startSending(system.listenerUrl, workflow);
  await delay(AROUND_MS);
  const outage = await makeOutage(backends);
  await delay(AROUND_MS);
  const { ids, answers } = await sending.stop();
  const runs = await runsOf(backends, ids);
  const counted = runs.filter(
    ({ createdAt, endedAt }) =>
      endedAt > outage.from && createdAt < outage.until + COUNTED_AFTER_MS,
  );
  const after = (/** @type {'startedAt' | 'endedAt'} */ what) =>
    percentilesOf(
      counted.map((run) => Math.max(0, run[what] - Math.max(run.createdAt, outage.until))),
    );
  const acceptedMeanwhile = counted.filter(
    ({ createdAt }) => createdAt > outage.from && createdAt < outage.until,
  ).length;
  const found = {
    ...{ driver, of, how: values.how, outageMs: Math.round(outage.until - outage.from) },
    ...{ events: ids.length, counted: counted.length, acceptedMeanwhile, answers },
    millisecondsAfterTheEnd: { started: after('startedAt'), ended: after('endedAt') },
  };
  process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
}

/**
 * @param {import('./system/backends.mjs').Backends} backends
 * @returns {Promise<{ from: number, until: number }>} when the server answers again
 */
async function makeOutage({ servers }) {
  const server = servers[of];
  if (values.how === 'pause') server.pause();
  else await server.kill();
  const from = Date.now();
  await delay(outageMs);
  if (values.how === 'pause') server.resume();
  else await server.restart();
  return { from, until: Date.now() };
}

/**
 * @param {string} listenerUrl
 * @param {{ id: string, token: string }} workflow
 */
function startSending(listenerUrl, workflow) {
  const begin = performance.now();
  /** @type {Promise<string>[]} */
  const sent = [];
  /** @type {Record<string, number>} */
  const answers = {};
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begin) * perSecond) / 1_000);
    while (sent.length < due) {
      sent.push(sendUntilAccepted(listenerUrl, workflow, sent.length, answers));
    }
  }, 5);
  return {
    stop: async () => {
      clearInterval(timer);
      return { ids: await Promise.all(sent), answers };
    },
  };
}

/**
 * @param {string} listenerUrl
 * @param {{ id: string, token: string }} workflow
 * @param {number} n
 * @param {Record<string, number>} answers
 * @returns {Promise<string>} the activity's id
 */
async function sendUntilAccepted(listenerUrl, { id, token }, n, answers) {
  const event = { specversion: '1.0', id: String(n), source: '/outages', type: 'a' };
  for (;;) {
    const answer = await fetch(`${listenerUrl}/listener/event`, {
      method: 'POST',
      headers: { ...JSON_EVENT, authorization: `Bearer ${token}` },
      body: JSON.stringify({ ...event, subject: `/${id}` }),
    });
    const body = /** @type {unknown} */ (await answer.json());
    answers[answer.status] = (answers[answer.status] ?? 0) + 1;
    if (answer.status === 202) return /** @type {{ activityid: string }} */ (body).activityid;
    await delay(SENT_AGAIN_AFTER_MS);
  }
}

/** @typedef {{ createdAt: number, startedAt: number, endedAt: number }} RunTimes */

/**
 * @param {import('./system/backends.mjs').Backends} backends
 * @param {readonly string[]} ids
 * @returns {Promise<readonly RunTimes[]>} when all have succeeded, in milliseconds since 1970
 */
function runsOf({ mongodb }, ids) {
  /** @typedef {{ _id: string, status: string, createdAt: Date, run: { startedAt: unknown, endedAt: unknown } }} Stored */
  /** @type {import('mongoose').mongo.Collection<Stored>} */
  const activities = mongodb.db(DATABASE).collection('activities');
  return waitFor(
    'all runs to succeed',
    async () => {
      const ended = await activities
        .find({ _id: { $in: [...ids] }, status: 'succeeded' })
        .toArray();
      if (ended.length < ids.length) return undefined;
      return ended.map(({ createdAt, run }) => ({
        createdAt: createdAt.getTime(),
        startedAt: Number(run.startedAt),
        endedAt: Number(run.endedAt),
      }));
    },
    { timeoutMs: 120_000 },
  );
}
