import { randomBytes } from 'node:crypto';

const BATCH = 1_000;
const DAY_MS = 86_400_000;
const DAYS = 30;

/**
 * Stores copies of an ended activity, spread over the last thirty days.
 *
 * @param {import('../system/target.mjs').ExecutingTarget['activities']} activities
 * @param {number} count
 */
export async function storeActivities(activities, count) {
  const ended = await activities.findOne({ status: 'succeeded' });
  if (!ended) throw new Error('No activity has ended yet that others could be made of');
  for (let stored = 0; stored < count; stored += BATCH) {
    const size = Math.min(BATCH, count - stored);
    await activities.insertMany(
      Array.from({ length: size }, (_, at) => ({
        ...ended,
        _id: randomBytes(32).toString('hex'),
        createdAt: new Date(Date.now() - ((stored + at) / count) * DAYS * DAY_MS),
      })),
      { ordered: false },
    );
  }
}
