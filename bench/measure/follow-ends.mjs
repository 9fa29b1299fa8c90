/**
 * Observes through the change stream when each activity gets this status.
 *
 * @param {import('../system/target.mjs').ExecutingTarget['activities']} activities
 * @param {string} status
 * @returns {Promise<{ seenAt: Map<string, number>, close: () => Promise<void> }>} when it follows
 */
export async function followEnds(activities, status) {
  /** @type {Map<string, number>} */
  const seenAt = new Map();
  const changes = activities.watch(
    [
      {
        $match: {
          $or: [
            { 'updateDescription.updatedFields.status': status },
            { operationType: 'replace', 'fullDocument.status': status },
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
  // The stream begins at the time of its first answer.
  await new Promise((resolve) => changes.once('resumeTokenChanged', resolve));
  return { seenAt, close: () => changes.close() };
}
