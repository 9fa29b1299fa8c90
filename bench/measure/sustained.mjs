import { runLoad } from '../load/run-load.mjs';
import { watchUsage } from '../system/usage.mjs';
import { untilCompleted } from './backlog.mjs';

/**
 * @typedef {object} Sustained
 * @property {number} acceptedPerSecond
 * @property {number} completedPerSecond while events came in
 * @property {number} backlog accepted and not completed when no more events came in
 * @property {number} emptyAfterSeconds
 * @property {number} settledPerSecond completed, from the first event to the end of the backlog
 * @property {import('../load/percentiles.mjs').Percentiles} latencyMs until accepted
 * @property {Record<string, number>} answers
 * @property {import('../system/usage.mjs').Usage} usage from the first event to the end of the backlog
 * @property {number} loadCpuSeconds of the load generator
 * @property {number} accepted
 */

/**
 * Measures how much is accepted and completed in a closed loop, in which each connection sends again after an answer.
 *
 * @param {import('../system/target.mjs').CompletingTarget} target
 * @param {{ connections: number, seconds: number, eventsPerRequest?: number, wrk?: boolean }} load
 * @returns {Promise<Sustained>}
 * @throws {Error} if an accepted event is lost
 */
export async function measureSustained(target, load) {
  const before = await target.completed();
  const endUsage = watchUsage(target.pids);
  const { accepted, startedAt, seconds, latencyMs, answers, cpuSeconds } = await runLoad(
    target,
    load,
  );
  const completed = (await target.completed()) - before;
  const lookedAt = now();
  await untilCompleted(target, before + accepted);
  const emptyAt = now();
  return {
    acceptedPerSecond: accepted / seconds,
    completedPerSecond: (completed * 1000) / (lookedAt - startedAt),
    backlog: accepted - completed,
    emptyAfterSeconds: (emptyAt - lookedAt) / 1000,
    settledPerSecond: (accepted * 1000) / (emptyAt - startedAt),
    latencyMs,
    answers,
    usage: endUsage(cpuSeconds),
    loadCpuSeconds: cpuSeconds,
    accepted,
  };
}

function now() {
  return performance.timeOrigin + performance.now();
}
