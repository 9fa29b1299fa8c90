import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { projectRoot } from '../tools/project/project-root.mjs';
import { percentilesOf } from './load/percentiles.mjs';
import { runLoad } from './load/run-load.mjs';
import { followEnds } from './measure/follow-ends.mjs';
import { costsOf } from './measure/work-done.mjs';
import { startBackends } from './system/backends.mjs';
import { startApps } from './system/flow.mjs';
import { JSON_EVENT } from './system/target.mjs';
import { createWorkflow, DATABASE, startTwoExecutors } from './system/two-executors.mjs';
import { withStops } from './system/with-stops.mjs';
import { spanOf, untilNoneIsOpen } from './waits/open-runs.mjs';

/*
 * Measures tasks for a worker of the SDK, which returns its input.
 *
 * 1. At a rate: from the beginning of the task to the moment that a reader of MongoDB's change stream sees the
 *    end of its run, which is on the disk then.
 * 2. In bulk: as many runs of one task as are accepted within `--seconds`, from the first event to the last end;
 *    and what one takes of each process, in milliseconds of CPU time, and of the stores. The times are those on
 *    record. Nothing is read meanwhile but one key of the index of open runs, once a second: a change stream or a
 *    count would take a part of MongoDB's core, which the product does not.
 *
 * `--executors` is 1, as in `npm start` and docker-compose.yml, or 2. `--profile <folder>` writes CPU profiles of the
 * executors and the worker over the whole run.
 */
const { values } = parseArgs({
  options: {
    'events-per-second': { type: 'string', default: '50' },
    seconds: { type: 'string', default: '20' },
    concurrency: { type: 'string', default: '256' },
    workers: { type: 'string', default: '1' },
    executors: { type: 'string', default: '1' },
    profile: { type: 'string' },
  },
});
const perSecond = Number(values['events-per-second']);
const seconds = Number(values.seconds);
const QUEUE = 'echo';
const TASK = 'echo';
const WORKER = fileURLToPath(new URL('system/echo-worker.mjs', import.meta.url));
const TASKS = { [TASK]: { generic: { queue: QUEUE, input: { text: 'x'.repeat(100) } } } };
/** A workflow for each part, by which their runs are told apart. */
const [AT_RATE, IN_BULK] = ['echo', 'bulk'];

await ensureBuild(new AbortController().signal);
await promisify(execFile)('npm', ['run', 'build', '-w', 'packages/worker-sdk'], {
  cwd: projectRoot,
});
await withStops('workers', measure);

/** @param {import('./system/with-stops.mjs').Scene} scene */
async function measure(scene) {
  const { folder, stops } = scene;
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  const system = await startSystem(backends, folder);
  stops.push(() => system.stop());
  /** @type {Record<string, number>} */
  const pids = { ...system.pids, ...backends.pids };
  for (let n = 1; n <= Number(values.workers); n += 1) {
    pids[`worker-${n}`] = await startWorker(scene, backends.natsUrl, `worker-${n}`);
  }
  const db = backends.mongodb.db(DATABASE);
  /** @type {Activities} */
  const activities = db.collection('activities');
  const milliseconds = await atRate(system, activities);
  const durableWrite = percentilesOf(await durableWrites(db));
  const target = await targetFor(system, IN_BULK);
  const costs = await costsOf(backends, pids, () => inBulk(target, activities));
  const { runs, begunAt, endedAt } = await spanOf(activities, IN_BULK);
  const bulk = {
    tasks: runs,
    seconds: (endedAt - begunAt) / 1_000,
    perSecond: Math.round((runs * 1_000) / (endedAt - begunAt)),
    ofOne: costs.ofOne(runs),
  };
  const found = { ...values, rate: { milliseconds, durableWrite }, bulk };
  process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
}

/**
 * @typedef {import('./system/target.mjs').Execution['activities']} Activities
 * @typedef {{ listenerUrl: string, api: import('../tools/start/api-client.mjs').ApiClient }} System
 *
 * @param {import('./system/backends.mjs').Backends} backends
 * @param {string} folder
 */
async function startSystem(backends, folder) {
  const { executors, profile } = values;
  const profiling = profile !== undefined && { profileFolder: profile };
  if (executors === '2') {
    const how = { driver: /** @type {const} */ ('nats'), folder, executorEnv: {}, ...profiling };
    const { apis, ...two } = await startTwoExecutors(backends, how);
    return { ...two, api: apis[0] };
  }
  const apps = await startApps(backends, folder, { database: DATABASE, ...profiling });
  const { listener, executor, api, stop } = apps;
  const pids = { listener: listener.pid, 'executor-1': executor.pid };
  return { listenerUrl: listener.url, api, pids, stop };
}

/**
 * @param {System} system
 * @param {string} workflowId
 * @returns {Promise<import('./system/target.mjs').Target>}
 */
async function targetFor({ listenerUrl, api }, workflowId) {
  const events = { event: { enabled: true } };
  const workflow = { id: workflowId, name: workflowId, triggers: events, tasks: TASKS };
  const { token } = await createWorkflow(api, workflow);
  return {
    url: `${listenerUrl}/listener/event`,
    headers: { ...JSON_EVENT, authorization: `Bearer ${token}` },
    workflowId,
    pids: {},
    stop: async () => undefined,
  };
}

/**
 * @param {System} system
 * @param {Activities} activities
 */
async function atRate(system, activities) {
  const target = await targetFor(system, AT_RATE);
  const ends = await followEnds(activities, 'succeeded');
  // The first tasks take longer, so they are not measured.
  await runLoad(target, { perSecond: 20, seconds: 5, connections: 4, tracked: false });
  await untilNoneIsOpen(activities, AT_RATE);
  const warm = new Set(ends.seenAt.keys());

  await runLoad(target, { perSecond, seconds, connections: 4, tracked: false });
  await untilNoneIsOpen(activities, AT_RATE);
  const tasks = await tasksOf(system.api, ends.seenAt, warm);
  await ends.close();
  return percentilesOf(tasks.map(({ startedAt, seenAt }) => seenAt - startedAt));
}

/**
 * Starts as many runs of one task as are accepted, and waits until all have ended.
 *
 * @param {import('./system/target.mjs').Target} target
 * @param {Activities} activities
 */
async function inBulk(target, activities) {
  const load = { seconds, connections: 8, tracked: false, eventsPerRequest: 100 };
  const headers = { ...target.headers, 'content-type': 'application/cloudevents-batch+json' };
  const { cpuSeconds } = await runLoad({ ...target, headers }, load);
  await untilNoneIsOpen(activities, target.workflowId);
  return cpuSeconds;
}

/**
 * Measures single writes, one after the other. The path of an event with one such task has three in a row: the insert of
 * the activity, the commit that begins the task, and the commit of its answer.
 *
 * @param {import('mongoose').mongo.Db} db
 */
async function durableWrites(db) {
  const took = [];
  for (let n = 0; n < 100; n += 1) {
    const at = performance.now();
    await db
      .collection('bench_writes')
      .insertOne({ n }, { writeConcern: { w: 'majority', journal: true } });
    took.push(performance.now() - at);
  }
  return took;
}

/**
 * @param {import('./system/with-stops.mjs').Scene} scene
 * @param {string} natsUrl
 * @param {string} name
 * @returns {Promise<number>} its process id
 */
async function startWorker({ stops }, natsUrl, name) {
  const { profile } = values;
  const profiling =
    profile === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}.cpuprofile`];
  const args = [...profiling, WORKER, natsUrl, QUEUE, values.concurrency];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The worker ended with ${String(code)} before it was ready`);
  });
  ended.catch(() => undefined);
  await Promise.race([once(child.stdout, 'data'), ended]);
  stops.push(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  });
  return child.pid ?? 0;
}

/**
 * @param {import('../tools/start/api-client.mjs').ApiClient} api
 * @param {ReadonlyMap<string, number>} seenAt
 * @param {ReadonlySet<string>} without
 */
async function tasksOf(api, seenAt, without) {
  const all = [];
  for (const [id, at] of seenAt) {
    if (without.has(id)) continue;
    const activity = /** @type {{ tasks: { name: string, startedAt: string }[] }} */ (
      await api.get(`/api/v2/activities/${id}`)
    );
    const task = activity.tasks.find(({ name }) => name === TASK);
    if (task) all.push({ startedAt: Date.parse(task.startedAt), seenAt: at });
  }
  return all;
}
