import { runLoad } from '../load/run-load.mjs';
import { watchUsage } from '../system/usage.mjs';
import { untilCompleted } from './backlog.mjs';

/**
 * @typedef {object} Overload
 * @property {number} acceptedPerSecond
 * @property {Record<string, number>} answers
 * @property {number} listenerMiBFirstHalf the most that it had resident
 * @property {number} listenerMiBSecondHalf
 */

/**
 * Measures the listener under far more load than it can take.
 *
 * @param {import('../system/target.mjs').ExecutingTarget} target
 * @param {{ connections: number, seconds: number }} load
 * @returns {Promise<Overload>}
 */
export async function measureOverload(target, load) {
  const before = await target.completed();
  const endUsage = watchUsage({ listener: target.pids['listener'] ?? 0 });
  const { accepted, seconds, answers, cpuSeconds } = await runLoad(target, load);
  const samples = endUsage(cpuSeconds).processes['listener']?.residentMiB ?? [];
  await untilCompleted(target, before + accepted);
  const half = Math.floor(samples.length / 2);
  return {
    acceptedPerSecond: accepted / seconds,
    answers,
    listenerMiBFirstHalf: Math.max(...samples.slice(0, half)),
    listenerMiBSecondHalf: Math.max(...samples.slice(half)),
  };
}
