import { type MongoLink } from '../../connection/mongo-link.js';
import { runWrite } from '../../storage/write-command.js';
import { type DeliveredRun } from '../activity-store.js';
import { ACTIVITIES } from '../stored/activity.schema.js';

const RELEASE_DELIVERED = 'release delivered activities';

/** All runs in one command; it reports how many were written, and not which. */
export async function releaseDelivered(
  link: MongoLink,
  runs: readonly DeliveredRun[],
): Promise<'all' | 'some'> {
  const updates = runs.map(({ id, lockVersion, delivered, wakeAt }) => ({
    q: { _id: id, revision: lockVersion },
    u: {
      $set: { wakeAt: new Date(wakeAt) },
      $unset: { leaseOwner: true },
      $pull: { outbox: { id: { $in: [...delivered] } } },
      $inc: { revision: 1 },
    },
  }));
  const { written } = await link.run(RELEASE_DELIVERED, (db) =>
    runWrite(db, RELEASE_DELIVERED, { update: ACTIVITIES, updates }),
  );
  return written === runs.length ? 'all' : 'some';
}
