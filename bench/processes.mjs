import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../tools/project/build.mjs';
import { say } from '../tools/project/say.mjs';
import { runLoad } from './load/run-load.mjs';
import { hasWrk } from './load/run-wrk.mjs';
import { untilCompleted } from './measure/backlog.mjs';
import { countNetworkBytes } from './measure/network.mjs';
import { printRounded } from './print-rounded.mjs';
import { startBackends } from './system/backends.mjs';
import { startApps, targetOf } from './system/flow.mjs';
import { watchUsage } from './system/usage.mjs';
import { withStops } from './system/with-stops.mjs';
import { WARM_UP_SECONDS } from './warm-up-seconds.mjs';

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
  // Two listeners share the load, so each of them needs as many events as the one.
  for (const side of sides) await sendToAll(side, side.each * WARM_UP_SECONDS);
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
async function roundOf(side, backends) {
  const endUsage = watchUsage(side.target.pids);
  const { result, bytes } = await countNetworkBytes(backends, () => sendToAll(side, seconds));
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
 * Sends events to all listeners at the same time, and waits until their runs are over.
 *
 * @param {Side} side
 * @param {number} forSeconds
 * @returns {Promise<{ accepted: number, tookMs: number }>}
 */
async function sendToAll({ apps, target, each }, forSeconds) {
  const before = await target.completed();
  const load = { connections: connections / each, seconds: forSeconds, wrk: hasWrk() };
  const loads = await Promise.all(
    apps.listeners.map(({ url }) => runLoad({ ...target, url: `${url}/listener/event` }, load)),
  );
  const accepted = loads.reduce((sum, { accepted: one }) => sum + one, 0);
  await untilCompleted(target, before + accepted);
  const startedAt = Math.min(...loads.map((one) => one.startedAt));
  return { accepted, tookMs: performance.timeOrigin + performance.now() - startedAt };
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
