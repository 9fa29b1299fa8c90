import { waitFor } from '../../tools/project/wait-for.mjs';
import { percentilesOf } from '../load/percentiles.mjs';
import { runLoad } from '../load/run-load.mjs';

const CONNECTIONS = 64;

/**
 * From the moment that a request was due to the moment that somebody else, who follows the collection, sees
 * the activity's final status on a majority of the set.
 *
 * @param {import('../system/target.mjs').ExecutingTarget} target
 * @param {{ perSecond: number, seconds: number }} load
 * @returns {Promise<import('../load/percentiles.mjs').Percentiles>} in milliseconds
 */
export async function measureLatency(target, load) {
  const ends = await followEnds(target.activities);
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
    await waitFor('all activities to end', () =>
      expected.every(({ id }) => ends.seenAt.has(id)) ? true : undefined,
    );
    return percentilesOf(expected.map(({ id, sentAt }) => (ends.seenAt.get(id) ?? NaN) - sentAt));
  } finally {
    await ends.close();
  }
}

/**
 * @param {import('../system/target.mjs').ExecutingTarget['activities']} activities
 * @returns {Promise<{ seenAt: Map<string, number>, close: () => Promise<void> }>} when it follows
 */
async function followEnds(activities) {
  /** @type {Map<string, number>} */
  const seenAt = new Map();
  const changes = activities.watch(
    [
      {
        $match: {
          $or: [
            { 'updateDescription.updatedFields.status': 'succeeded' },
            { operationType: 'replace', 'fullDocument.status': 'succeeded' },
          ],
        },
      },
    ],
    { batchSize: 1000 },
  );
  changes.on('change', (change) => {
    if (change.operationType !== 'update' && change.operationType !== 'replace') return;
    seenAt.set(change.documentKey._id, performance.timeOrigin + performance.now());
  });
  // It follows from the time that its first answer has.
  await new Promise((resolve) => changes.once('resumeTokenChanged', resolve));
  return { seenAt, close: () => changes.close() };
}
