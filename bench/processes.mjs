import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { say } from '../tools/project/say.mjs';
import { runLoad } from './load/run-load.mjs';
import { untilCompleted } from './measure/backlog.mjs';
import { measureSustained } from './measure/sustained.mjs';
import { countNetworkBytes } from './measure/network.mjs';
import { printRounded } from './print-rounded.mjs';
import { startBackends } from './system/backends.mjs';
import { startApps, targetOf } from './system/flow.mjs';
import { watchUsage } from './system/usage.mjs';
import { withStops } from './system/with-stops.mjs';

const USAGE = `Usage: node bench/processes.mjs [options]

Measures two listeners and two executors against one of each, in turn, with the same number of connections, and the
bytes that an event sends over the network. Linux only.

  --connections <n>  of all listeners together (default: 256)
  --rounds <n>       (default: 3)
  --seconds <n>      how long events come in each (default: 5)
  --help             print this
`;

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '256' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
});
const connections = Number(values.connections);
const seconds = Number(values.seconds);
const WARM_UP_SECONDS = 8;

/**
 * @typedef {object} Side
 * @property {number} each
 * @property {import('./system/flow.mjs').Apps} apps
 * @property {import('./system/target.mjs').ExecutingTarget} target
 * @property {Round[]} rounds
 *
 * @typedef {object} Round
 * @property {number} settledPerSecond completed, from the first event to the end of the backlog
 * @property {Record<string, number>} cpuOf1000 seconds, by the kind of process
 * @property {Record<string, number>} bytesOfOne
 */

if (values.help) process.stdout.write(USAGE);
else {
  await ensureBuild();
  await withStops('processes', measure);
}

/** @param {import('./system/with-stops.mjs').Scene} scene */
async function measure({ folder, stops }) {
  const backends = await startBackends(folder, '2m');
  stops.push(() => backends.stop());
  /** @type {Side[]} */
  const sides = [];
  for (const each of [1, 2]) {
    const apps = await startApps(backends, folder, { database: `with-${each}`, each });
    stops.push(() => apps.stop());
    sides.push({ each, apps, target: await targetOf(apps, backends), rounds: [] });
  }
  for (const { target } of sides) {
    await measureSustained(target, { connections: 64, seconds: WARM_UP_SECONDS });
  }
  for (let round = 0; round < Number(values.rounds); round += 1) {
    // Each is first equally often.
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const figures = await roundOf(side, backends);
      side.rounds.push(figures);
      say(`${side.each} of each: ${figures.settledPerSecond.toFixed(0)}/s`);
    }
  }
  const found = sides.map(({ each, rounds }) => ({ each, ...medianOf(rounds), rounds }));
  printRounded({ ...values, found });
}

/**
 * @param {Side} side
 * @param {import('./system/backends.mjs').Backends} backends
 * @returns {Promise<Round>}
 */
async function roundOf({ apps, target, each }, backends) {
  const before = await target.completed();
  const endUsage = watchUsage(target.pids);
  const { result, bytes } = await countNetworkBytes(backends, async () => {
    const loads = await Promise.all(
      apps.listeners.map(({ url }) => {
        const one = { ...target, url: `${url}/listener/event` };
        return runLoad(one, { connections: connections / each, seconds, tracked: false });
      }),
    );
    const accepted = loads.reduce((sum, load) => sum + load.accepted, 0);
    await untilCompleted(target, before + accepted);
    const startedAt = Math.min(...loads.map((load) => load.startedAt));
    const tookMs = performance.timeOrigin + performance.now() - startedAt;
    return { accepted, tookMs };
  });
  const { processes } = endUsage(0);
  /** @type {Record<string, number>} */
  const cpuOf1000 = { together: 0 };
  for (const [name, { cpuSeconds }] of Object.entries(processes)) {
    const kind = name.replace(/-\d+$/, '');
    const ofThese = (cpuSeconds * 1_000) / result.accepted;
    cpuOf1000[kind] = (cpuOf1000[kind] ?? 0) + ofThese;
    cpuOf1000['together'] = (cpuOf1000['together'] ?? 0) + ofThese;
  }
  return {
    settledPerSecond: (result.accepted * 1_000) / result.tookMs,
    cpuOf1000,
    bytesOfOne: ofOne(bytes, result.accepted),
  };
}

/**
 * @param {import('./measure/network.mjs').NetworkBytes} bytes
 * @param {number} count
 */
function ofOne(bytes, count) {
  return Object.fromEntries(Object.entries(bytes).map(([name, sent]) => [name, sent / count]));
}

/**
 * The round in the middle by its CPU time.
 *
 * @param {readonly Round[]} rounds
 */
function medianOf(rounds) {
  const sorted = rounds.toSorted(
    (one, other) => (one.cpuOf1000['together'] ?? 0) - (other.cpuOf1000['together'] ?? 0),
  );
  return sorted[Math.floor(sorted.length / 2)];
}
