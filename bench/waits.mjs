import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { printRounded } from './print-rounded.mjs';
import { startBackends } from './system/backends.mjs';
import { startApps, targetOf } from './system/flow.mjs';
import { heapReportEnv } from './system/memory-of.mjs';
import { withStops } from './system/with-stops.mjs';
import { measureHeld } from './waits/held.mjs';
import { measureIdle } from './waits/idle.mjs';
import { measureMap } from './waits/map.mjs';
import { measureWaking } from './waits/wake.mjs';

const USAGE = `Usage: node bench/waits.mjs [options]

Measures what many runs that wait cost, with a listener and an executor. Linux only.

  --only <parts>   some of wake, held, idle, map, with commas between them (default: all)
  --sleepers <n>   due at the same second (wake), or in a month (idle) (default: 10000)
  --waiting <n>    runs that wait in each way (held) (default: 2000)
  --items <n>      of the list that is mapped (default: 5000)
  --item-chars <n> of each item of that list (default: 0, which is its number)
  --parallel <n>   of its runs at the same time, up to 500 (default: 100)
  --seconds <n>    how long what is idle is looked at (default: 20)
  --profile <dir>  where the CPU profiles of the apps go
  --help           print this
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'wake,held,idle,map' },
    sleepers: { type: 'string', default: '10000' },
    waiting: { type: 'string', default: '2000' },
    items: { type: 'string', default: '5000' },
    'item-chars': { type: 'string', default: '0' },
    parallel: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '20' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const count = Number(values.sleepers);

/** @typedef {{ backends: import('./system/backends.mjs').Backends, apps: import('./system/flow.mjs').Apps, heapReport: string }} Running */

/** @type {Readonly<Record<string, (running: Running) => Promise<unknown>>>} */
const PARTS = {
  wake: async ({ apps, backends }) =>
    measureWaking({ apps, target: await targetOf(apps, backends), count }),
  held: ({ apps, heapReport }) => measureHeld(apps, Number(values.waiting), heapReport),
  idle: ({ apps, backends }) =>
    measureIdle(apps, backends, { count, seconds: Number(values.seconds) }),
  map: ({ apps, backends, heapReport }) => {
    const of = {
      items: Number(values.items),
      parallel: Number(values.parallel),
      itemChars: Number(values['item-chars']),
    };
    return measureMap(apps, backends, of, heapReport);
  },
};

if (values.help) process.stdout.write(USAGE);
else {
  const parts = values.only.split(',');
  const unknown = parts.filter((part) => !(part in PARTS));
  if (unknown.length > 0) throw new TypeError(`--only knows no ${unknown.join(', ')}\n\n${USAGE}`);
  await ensureBuild();
  /** @type {Record<string, unknown>} */
  const found = {};
  // Each has its own servers, so that the records of one do not slow the next.
  for (const part of parts) {
    await withStops('waits', async (scene) => {
      found[part] = await PARTS[part]?.(await start(scene));
    });
  }
  printRounded(found);
}

/**
 * @param {import('./system/with-stops.mjs').Scene} scene
 * @returns {Promise<Running>}
 */
async function start({ folder, stops }) {
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  const heapReport = path.join(folder, 'heap.json');
  const queue = { CONCURRENCY_QUEUE_MAX: '1000000', CHILD_DESCENDANTS_MAX: '1000000000' };
  const apps = await startApps(backends, folder, {
    // An event counts each item of its list.
    env: { JSON_MEMBERS_MAX: '1000000' },
    executorEnv: { ...heapReportEnv(heapReport), ...queue },
    ...(values.profile !== undefined && { profileFolder: values.profile }),
  });
  stops.push(() => apps.stop());
  return { backends, apps, heapReport };
}
