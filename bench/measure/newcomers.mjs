import { percentilesOf } from '../load/percentiles.mjs';
import { latenciesUnder } from './latency.mjs';

const PER_SECOND = 20;
const SECONDS = 6;

/**
 * Measures the latency of events that come while `work` goes on, from when they are due to their final status, at 20 a
 * second, until the work is done; at least one event.
 *
 * @template T
 * @param {import('../system/target.mjs').ExecutingTarget} target
 * @param {Promise<T>} work
 * @returns {Promise<{ result: T, latencyMs: import('../load/percentiles.mjs').Percentiles }>}
 */
export async function newcomersDuring(target, work) {
  const state = { isOver: false };
  const over = work.finally(() => {
    state.isOver = true;
  });
  // The promise may reject before it is awaited below.
  over.catch(() => undefined);
  /** @type {number[]} */
  const all = [];
  do {
    all.push(...(await latenciesUnder(target, { perSecond: PER_SECOND, seconds: SECONDS })));
  } while (!state.isOver);
  return { result: await over, latencyMs: percentilesOf(all) };
}
