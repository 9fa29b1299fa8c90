import { type MongoLink } from '../../connection/mongo-link.js';
import { runWrite } from '../../storage/write-command.js';
import { type LettingGo } from '../activity-store.js';
import { ACTIVITIES } from '../stored/activity.schema.js';

const LET_GO = 'let go of activities';

/** All runs in one command; it reports how many were written, and not which. */
export async function letGo(link: MongoLink, runs: readonly LettingGo[]): Promise<'all' | 'some'> {
  const updates = runs.map(({ id, lockVersion, delivered, wakeAt }) => ({
    q: { _id: id, revision: lockVersion },
    u: {
      $set: { wakeAt: new Date(wakeAt) },
      $unset: { leaseOwner: true },
      $pull: { outbox: { id: { $in: [...delivered] } } },
      $inc: { revision: 1 },
    },
  }));
  const { written } = await link.run(LET_GO, (db) =>
    runWrite(db, LET_GO, { update: ACTIVITIES, updates }),
  );
  return written === runs.length ? 'all' : 'some';
}
