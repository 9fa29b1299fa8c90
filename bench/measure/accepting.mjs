import { runLoad } from '../load/run-load.mjs';

/**
 * @typedef {object} Accepting
 * @property {number} accepted
 * @property {number} perSecond
 * @property {import('../load/percentiles.mjs').Percentiles} latencyMs
 * @property {Record<string, number>} answers
 */

/**
 * Measures how fast a target answers with 2xx.
 *
 * @param {import('../system/target.mjs').Target} target
 * @param {{ connections: number, seconds: number, perSecond?: number }} load
 * @returns {Promise<Accepting>}
 */
export async function measureAccepting(target, load) {
  const { accepted, seconds, latencyMs, answers } = await runLoad(target, load);
  return { accepted, perSecond: accepted / seconds, latencyMs, answers };
}
