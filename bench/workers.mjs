import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { projectRoot } from '../tools/project/project-root.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { percentilesOf } from './load/percentiles.mjs';
import { runLoad } from './load/run-load.mjs';
import { followEnds } from './measure/follow-ends.mjs';
import { costsOf } from './measure/work-done.mjs';
import { startBackends } from './system/backends.mjs';
import { JSON_EVENT } from './system/target.mjs';
import { createWorkflow, DATABASE, startTwoExecutors } from './system/two-executors.mjs';
import { withStops } from './system/with-stops.mjs';

/*
 * Measures tasks for a worker of the SDK, which returns its input.
 *
 * 1. At a rate: from the beginning of the task to the moment that a reader of MongoDB's change stream sees the
 *    end of its run, which is on the disk then.
 * 2. In bulk: as many runs of one task as are accepted within `--seconds`, from the first task's beginning to
 *    the last one's end; and what one takes of each process, in milliseconds of CPU time, and of the stores.
 *
 * `--profile <folder>` writes CPU profiles of the executors and the worker over the whole run.
 */
const { values } = parseArgs({
  options: {
    'events-per-second': { type: 'string', default: '50' },
    seconds: { type: 'string', default: '20' },
    concurrency: { type: 'string', default: '256' },
    workers: { type: 'string', default: '1' },
    profile: { type: 'string' },
  },
});
const perSecond = Number(values['events-per-second']);
const seconds = Number(values.seconds);
const QUEUE = 'echo';
const TASK = 'echo';
const WORKER = fileURLToPath(new URL('system/echo-worker.mjs', import.meta.url));
const WORKFLOW = {
  id: 'echo',
  name: 'echo',
  triggers: { event: { enabled: true } },
  tasks: { [TASK]: { generic: { queue: QUEUE, input: { text: 'x'.repeat(100) } } } },
};

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
  const system = await startTwoExecutors(backends, {
    driver: 'nats',
    folder,
    executorEnv: {},
    ...(values.profile !== undefined && { profileFolder: values.profile }),
  });
  stops.push(() => system.stop());
  const { token } = await createWorkflow(system.apis[0], WORKFLOW);
  /** @type {Record<string, number>} */
  const pids = { ...system.pids, ...backends.pids };
  for (let n = 1; n <= Number(values.workers); n += 1) {
    pids[`worker-${n}`] = await startWorker(scene, backends.natsUrl, `worker-${n}`);
  }
  const activities = backends.mongodb.db(DATABASE).collection('activities');
  const ends = await followEnds(/** @type {any} */ (activities), 'succeeded');
  stops.push(() => ends.close());
  const target = {
    url: `${system.listenerUrl}/listener/event`,
    headers: { ...JSON_EVENT, authorization: `Bearer ${token}` },
    workflowId: 'echo',
    pids: {},
    stop: async () => undefined,
  };
  // The first tasks take longer, so they are not measured.
  await runLoad(target, { perSecond: 20, seconds: 5, connections: 4, tracked: false });
  await untilAllEnded(activities);
  const warm = new Set(ends.seenAt.keys());

  await runLoad(target, { perSecond, seconds, connections: 4, tracked: false });
  await untilAllEnded(activities);
  const atRate = await tasksOf(system.apis[0], ends.seenAt, warm);
  const milliseconds = percentilesOf(atRate.map(({ startedAt, seenAt }) => seenAt - startedAt));
  const durableWrite = percentilesOf(await durableWrites(backends.mongodb.db(DATABASE)));
  const before = new Set(ends.seenAt.keys());

  const costs = await costsOf(backends, pids, () => inBulk(target, activities));
  const seen = [...ends.seenAt].filter(([id]) => !before.has(id)).map(([, at]) => at);
  const first = await earliestOf(activities, before);
  const bulk = { tasks: seen.length, seconds: (Math.max(...seen) - first) / 1_000 };
  const rate = { perSecond, tasks: atRate.length, milliseconds };
  const ofAll = {
    ...bulk,
    perSecond: Math.round(bulk.tasks / bulk.seconds),
    ofOne: costs.ofOne(bulk.tasks),
  };
  const found = { ...values, rate: { ...rate, durableWrite }, bulk: ofAll };
  process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
}

/**
 * Starts as many runs of one task as are accepted, and waits until all have ended.
 *
 * @param {import('./system/target.mjs').Target} target
 * @param {import('mongoose').mongo.Collection} activities
 */
async function inBulk(target, activities) {
  const load = { seconds, connections: 8, tracked: false, eventsPerRequest: 100 };
  const headers = { ...target.headers, 'content-type': 'application/cloudevents-batch+json' };
  const { cpuSeconds } = await runLoad({ ...target, headers }, load);
  await untilAllEnded(activities);
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

/** @param {import('mongoose').mongo.Collection} activities */
async function untilAllEnded(activities) {
  const open = { status: { $nin: ['succeeded', 'failed', 'cancelled', 'timedout'] } };
  await waitFor(
    'all runs to end',
    async () => ((await activities.countDocuments(open)) === 0 ? true : undefined),
    { timeoutMs: 120_000 },
  );
}

/**
 * @param {import('mongoose').mongo.Collection} activities
 * @param {ReadonlySet<string>} before what does not count
 */
async function earliestOf(activities, before) {
  const found = activities.find({}, { projection: { createdAt: 1 } });
  let earliest = Infinity;
  for await (const one of found) {
    const { _id, createdAt } = /** @type {{ _id: string, createdAt: Date }} */ (
      /** @type {unknown} */ (one)
    );
    if (!before.has(_id)) earliest = Math.min(earliest, createdAt.getTime());
  }
  return earliest;
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
