import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { say } from '../tools/project/say.mjs';
import { measureSustained } from './measure/sustained.mjs';
import { medianRound } from './median-round.mjs';
import { printRounded } from './print-rounded.mjs';
import { fill } from './stored/fill.mjs';
import { measureLists, measureLooks } from './stored/reads.mjs';
import { startBackends } from './system/backends.mjs';
import { startApps, targetOf } from './system/flow.mjs';
import { withStops } from './system/with-stops.mjs';

const USAGE = `Usage: node bench/stored.mjs [options]

Measures whether it matters how much is on record: two databases in one mongod, one of them full, each with a listener
and an executor, in turn. Linux only.

  --stored <n>     activities that have ended, and as many that wait (default: 100000)
  --workflows <n>  beside that of the bench (default: 10000)
  --rounds <n>     (default: 4)
  --seconds <n>    how long events come in each (default: 6)
  --cache <n>      MongoDB's cache in MiB (default: 512)
  --help           print this
`;

const { values } = parseArgs({
  options: {
    stored: { type: 'string', default: '100000' },
    workflows: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '6' },
    cache: { type: 'string', default: '512' },
    help: { type: 'boolean', default: false },
  },
});
const stored = Number(values.stored);
const load = { connections: 64, seconds: Number(values.seconds) };

/**
 * @typedef {object} Side
 * @property {import('./system/flow.mjs').Apps} apps
 * @property {import('./system/target.mjs').ExecutingTarget} target
 * @property {(import('./measure/sustained.mjs').Sustained & { pages: Pages })[]} rounds
 *
 * @typedef {object} Pages that MongoDB's cache has read from the data files, and written to them
 * @property {number} read
 * @property {number} written
 */

if (values.help) process.stdout.write(USAGE);
else {
  await ensureBuild();
  await withStops('stored', measure);
}

/** @param {import('./system/with-stops.mjs').Scene} scene */
async function measure({ folder, stops }) {
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  const admin = backends.mongodb.db('admin');
  const cache = `cache_size=${Number(values.cache)}M`;
  await admin.command({ setParameter: 1, wiredTigerEngineRuntimeConfig: cache });
  const start = async (/** @type {string} */ database) => {
    const apps = await startApps(backends, folder, { database });
    stops.push(() => apps.stop());
    const target = await targetOf(apps, backends);
    await measureSustained(target, { connections: 16, seconds: 3 });
    /** @type {Side} */
    const side = { apps, target, rounds: [] };
    return side;
  };
  const [empty, full] = [await start('empty'), await start('full')];
  say(`${2 * stored} activities and ${values.workflows} workflows are stored`);
  const filling = performance.now();
  const counts = { ended: stored, waiting: stored, workflows: Number(values.workflows) };
  await fill(full.apps, full.target, counts);
  const fillSeconds = (performance.now() - filling) / 1_000;
  for (let round = 0; round < Number(values.rounds); round += 1) {
    // Each is first equally often.
    for (const side of round % 2 === 0 ? [empty, full] : [full, empty]) {
      const before = await pagesOf(admin);
      const figure = await measureSustained(side.target, load);
      const after = await pagesOf(admin);
      const pages = (/** @type {keyof Pages} */ way) =>
        (after[way] - before[way]) / figure.accepted;
      side.rounds.push({ ...figure, pages: { read: pages('read'), written: pages('written') } });
      say(`${side === full ? 'full' : 'empty'}: ${figure.settledPerSecond.toFixed(0)}/s`);
    }
  }
  const figures = {
    counts,
    fillSeconds,
    empty: await figuresOf(empty),
    full: await figuresOf(full),
  };
  const ratios = {
    completed: figures.full.completedPerSecond / figures.empty.completedPerSecond,
    settled: figures.full.settledPerSecond / figures.empty.settledPerSecond,
    cpu: figures.full.cpuOf1000 / figures.empty.cpuOf1000,
  };
  printRounded({ ...figures, ratios });
}

/**
 * @param {import('mongoose').mongo.Db} admin
 * @returns {Promise<Pages>}
 */
async function pagesOf(admin) {
  const { wiredTiger } = /** @type {{ wiredTiger: { cache: Record<string, number> } }} */ (
    await admin.command({ serverStatus: 1 })
  );
  const { 'pages read into cache': read = NaN, 'pages written from cache': written = NaN } =
    wiredTiger.cache;
  return { read, written };
}

/**
 * The median round, and the reads while no events come.
 *
 * @param {Side} side
 */
async function figuresOf({ apps, rounds }) {
  const median = medianRound(rounds, ({ settledPerSecond }) => settledPerSecond);
  const { completedPerSecond, settledPerSecond, usage, accepted, pages } = median;
  const processes = Object.entries(usage.processes).map(
    ([name, { cpuSeconds }]) => /** @type {const} */ ([name, (cpuSeconds * 1_000) / accepted]),
  );
  return {
    rounds: rounds.map((round) => round.settledPerSecond),
    completedPerSecond,
    settledPerSecond,
    cpuOf1000: processes.reduce((sum, [, seconds]) => sum + seconds, 0),
    cpuOf1000ByProcess: Object.fromEntries(processes),
    pagesAnEvent: pages,
    others: usage.othersCpu,
    listsMs: await measureLists(apps),
    looks: await measureLooks(apps),
  };
}
