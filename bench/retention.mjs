import { randomBytes } from 'node:crypto';
import process from 'node:process';
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

if (values.help) process.stdout.write(USAGE);
else {
  await ensureBuild();
  await withStops('retention', measure);
}

/** @param {import('./system/with-stops.mjs').Scene} scene */
async function measure({ folder, stops }) {
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  const first = await startApps(backends, folder, { database: DATABASE });
  const target = await targetOf(first, backends);
  await measureSustained(target, { connections: 16, seconds: WARM_UP_SECONDS });
  const load = { connections: 64, seconds: Number(values.seconds), wrk: hasWrk() };
  const busy = await measureSustained(target, load);
  const disk = await bytesOfOne(first.db);
  await expireCopies(first.activities);
  // What it has still to write would count as the removal's.
  await first.db.admin().command({ fsync: 1 });
  // The first pass of an executor looks at all that is on record.
  await first.stop();
  await first.db.collection('meta').deleteOne({ _id: RETENTION });

  say(`${count} activities are removed`);
  const apps = await startApps(backends, folder, { database: DATABASE });
  stops.push(() => apps.stop());
  const pids = { executor: apps.executor.pid, mongod: backends.pids.mongod };
  const endUsage = watchUsage(pids);
  const since = performance.now();
  await waitFor(
    'all to be removed',
    async () => ((await apps.activities.findOne({ expires: true })) ? undefined : true),
    { timeoutMs: 600_000 },
  );
  const removing = { seconds: (performance.now() - since) / 1_000, ...cpuOf(endUsage(0)) };
  const endIdle = watchUsage(pids);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1_000));
  const idle = cpuOf(endIdle(0)).together / IDLE_SECONDS;
  const ofAnEvent = (cpuOf(busy.usage).together * 1_000) / busy.accepted;
  const ofARemoval = ((removing.together - idle * removing.seconds) * 1_000) / count;
  const found = {
    ...values,
    cpuMs: { ofAnEvent, ofARemoval, ratio: ofARemoval / ofAnEvent },
    removedPerSecond: count / removing.seconds,
    disk,
  };
  printRounded(found, 4);
}

/** @param {import('./system/usage.mjs').Usage} usage in seconds */
function cpuOf({ processes }) {
  const together = Object.values(processes).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return { together };
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
