import { waitFor } from '../../tools/project/wait-for.mjs';
import { percentilesOf } from '../load/percentiles.mjs';
import { runLoad } from '../load/run-load.mjs';
import { followEnds } from './follow-ends.mjs';

const CONNECTIONS = 64;
/** A generous time limit: under load an event takes long, and that is what is measured. */
const ENDED_MS_MAX = 600_000;

/**
 * @param {import('../system/target.mjs').ExecutingTarget} target
 * @param {{ perSecond: number, seconds: number }} load
 * @returns {Promise<import('../load/percentiles.mjs').Percentiles>} in milliseconds
 */
export async function measureLatency(target, load) {
  return percentilesOf(await latenciesUnder(target, load));
}

/**
 * Measures the time from when a request was due until a reader of the change stream sees the activity's final status,
 * which a majority of the set has then.
 *
 * @param {import('../system/target.mjs').ExecutingTarget} target
 * @param {{ perSecond: number, seconds: number }} load
 * @returns {Promise<number[]>} in milliseconds
 */
export async function latenciesUnder(target, load) {
  const ends = await followEnds(target.activities, 'succeeded');
  try {
    const { sent, answers } = await runLoad(target, {
      ...load,
      connections: CONNECTIONS,
      tracked: true,
    });
    if (Object.keys(answers).join() !== '202') {
      throw new Error(`Not everything was accepted: ${JSON.stringify(answers)}`);
    }
    const expected = sent.map(([eventId, sentAt]) => ({
      id: target.activityIdOf(eventId),
      sentAt,
    }));
    await waitFor(
      'all activities to end',
      () => (expected.every(({ id }) => ends.seenAt.has(id)) ? true : undefined),
      { timeoutMs: ENDED_MS_MAX },
    );
    return expected.map(({ id, sentAt }) => (ends.seenAt.get(id) ?? NaN) - sentAt);
  } finally {
    await ends.close();
  }
}
