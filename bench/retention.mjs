import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { say } from '../tools/project/say.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { hasWrk } from './load/run-wrk.mjs';
import { measureSustained } from './measure/sustained.mjs';
import { printRounded } from './print-rounded.mjs';
import { startBackends } from './system/backends.mjs';
import { startApps, targetOf } from './system/flow.mjs';
import { watchUsage } from './system/usage.mjs';
import { withStops } from './system/with-stops.mjs';

const USAGE = `Usage: node bench/retention.mjs [options]

Measures what an activity costs until it has ended, what its removal costs at the end of its retention, and the bytes
that it takes on the disk. Each activity is removed once, so the ratio is what retention adds to the cost of a busy
system. Linux only.

  --activities <n>  that are removed (default: 50000)
  --seconds <n>     how long events come (default: 10)
  --help            print this
`;

const { values } = parseArgs({
  options: {
    activities: { type: 'string', default: '50000' },
    seconds: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});
const count = Number(values.activities);
const DAY_MS = 86_400_000;
const DATABASE = 'flow';
/** The lease and the notes of the job. */
const RETENTION = /** @type {never} */ ('retention');
const BATCH = 1_000;
const WARM_UP_SECONDS = 8;
const IDLE_SECONDS = 5;
/** The bench has the lease of the job until all is prepared. */
const NEVER = new Date(Date.now() + 365 * DAY_MS);

if (values.help) process.stdout.write(USAGE);
else {
  await ensureBuild();
  await withStops('retention', measure);
}

/** @param {import('./system/with-stops.mjs').Scene} scene */
async function measure({ folder, stops }) {
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  const executorEnv = { RETENTION_INTERVAL_SECONDS: '1' };
  const apps = await startApps(backends, folder, { database: DATABASE, executorEnv });
  stops.push(() => apps.stop());
  const target = await targetOf(apps, backends);
  await measureSustained(target, { connections: 16, seconds: WARM_UP_SECONDS });
  const lease = apps.db.collection('meta');
  await lease.updateOne({ _id: RETENTION }, { $set: { owner: 'bench', until: NEVER } });
  const load = { connections: 64, seconds: Number(values.seconds), wrk: hasWrk() };
  let accepted = 0;
  const ofEvents = await costOf(apps.db, target.pids, async () => {
    accepted = (await measureSustained(target, load)).accepted;
  });
  const disk = await bytesOfOne(apps.db);
  await expireCopies(apps.activities);
  // What it has still to write would count as the removal's.
  await apps.db.admin().command({ fsync: 1 });
  const idle = await costOf(apps.db, target.pids, () => sleep(IDLE_SECONDS * 1_000));

  say(`${count} activities are removed`);
  const ofRemovals = await costOf(apps.db, target.pids, async () => {
    // Without notes the next pass looks at all that is on record.
    await lease.replaceOne({ _id: RETENTION }, { until: new Date(0) });
    await waitFor(
      'all to be removed',
      async () => ((await lease.findOne({ 'notes.fullAt': { $gt: 0 } })) ? true : undefined),
      { timeoutMs: 600_000 },
    );
  });
  const left = await apps.activities.countDocuments({ expires: true });
  if (left > 0) throw new Error(`${left} expired activities are left`);
  const ofAnEvent = perItem(ofEvents, accepted);
  const ofARemoval = perItem(without(ofRemovals, idle), count);
  const found = {
    ...values,
    cpuMs: { ofAnEvent, ofARemoval, ratio: sumOf(ofARemoval) / sumOf(ofAnEvent) },
    removedPerSecond: count / ofRemovals.seconds,
    disk,
  };
  printRounded(found, 4);
}

/**
 * @typedef {object} Cost
 * @property {number} seconds
 * @property {Record<string, number>} cpuSeconds of each process
 */

/**
 * The CPU time of some work, and of the checkpoint that writes to the data files what the work has changed.
 *
 * @param {import('mongoose').mongo.Db} db
 * @param {Readonly<Record<string, number>>} pids
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Cost>}
 */
async function costOf(db, pids, work) {
  const endUsage = watchUsage(pids);
  const since = performance.now();
  await work();
  const seconds = (performance.now() - since) / 1_000;
  await db.admin().command({ fsync: 1 });
  const { processes } = endUsage(0);
  return { seconds, cpuSeconds: mapped(processes, ({ cpuSeconds }) => cpuSeconds) };
}

/**
 * @param {Cost} cost
 * @param {Cost} idle
 * @returns {Cost} without what the processes use while they have nothing to do
 */
function without({ seconds, cpuSeconds }, idle) {
  const rate = seconds / idle.seconds;
  return {
    seconds,
    cpuSeconds: mapped(cpuSeconds, (cpu, name) => cpu - (idle.cpuSeconds[name] ?? 0) * rate),
  };
}

/**
 * @param {Cost} cost
 * @param {number} items
 * @returns {Record<string, number>} milliseconds of each process
 */
function perItem({ cpuSeconds }, items) {
  return mapped(cpuSeconds, (cpu) => (cpu * 1_000) / items);
}

/**
 * @template T
 * @param {Record<string, T>} record
 * @param {(value: T, name: string) => number} valueOf
 * @returns {Record<string, number>}
 */
function mapped(record, valueOf) {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, valueOf(value, name)]),
  );
}

/** @param {Record<string, number>} ofProcesses */
function sumOf(ofProcesses) {
  return Object.values(ofProcesses).reduce((sum, each) => sum + each, 0);
}

/**
 * @param {import('mongoose').mongo.Db} db
 * @returns {Promise<Record<string, number>>} bytes of one activity: as BSON, compressed, and in all indexes
 */
async function bytesOfOne(db) {
  await db.admin().command({ fsync: 1 });
  const stats = /** @type {Record<string, number>} */ (
    await db.command({ collStats: 'activities' })
  );
  const { size = NaN, storageSize = NaN, totalIndexSize = NaN, count: of = NaN } = stats;
  return { bson: size / of, stored: storageSize / of, indexes: totalIndexSize / of };
}

/**
 * Adds copies of one of the bench's activities that ended long ago, and marks them.
 *
 * @param {import('./system/target.mjs').Execution['activities']} activities
 */
async function expireCopies(activities) {
  const found = await activities.findOne({ status: 'succeeded' });
  const one = /** @type {Record<string, unknown> & { run?: object } | null} */ (found);
  if (!one) throw new Error('No activity has ended');
  const from = Date.now() - 120 * DAY_MS;
  for (let made = 0; made < count; made += BATCH) {
    const copies = Array.from({ length: Math.min(BATCH, count - made) }, (_, at) => {
      const createdAt = from + made + at;
      return {
        ...one,
        _id: randomBytes(32).toString('hex'),
        createdAt: new Date(createdAt),
        run: { ...one.run, endedAt: createdAt },
        expires: true,
      };
    });
    await activities.insertMany(copies, { ordered: false });
  }
}
