import { type Model } from 'mongoose';
import { randomUUID } from 'node:crypto';
import { type MongoLink } from '../connection/mongo-link.js';
import { type Activity } from './activity.js';
import { type ActivityDocument } from './activity-document.js';
import { toDomain } from './activity-mapping.js';
import { type CommitWriter, type RevisionUpdate } from './commit-writer.js';

export interface DueClaim {
  readonly now: number;
  readonly limit: number;
  readonly leaseMs: number;
  readonly owner: string;
}

/** How often to look again when others took everything that was found. */
const LOOKS_MAX = 3;

/**
 * Takes over what is due by moving its wake-up with a revision check: many can do this at once,
 * and each activity goes to one of them.
 */
export async function claimDue(
  activities: Model<ActivityDocument>,
  link: MongoLink,
  writer: CommitWriter,
  claim: DueClaim,
): Promise<readonly Activity[]> {
  for (let look = 1; look <= LOOKS_MAX; look += 1) {
    const due = await link.run('find due activities', () =>
      activities
        .find({ wakeAt: { $lte: new Date(claim.now) } })
        .sort({ wakeAt: 1 })
        .limit(claim.limit)
        .lean(),
    );
    if (due.length === 0) return [];
    const lease = { wakeAt: new Date(claim.now + claim.leaseMs), leaseOwner: claim.owner };
    const outcomes = await writer.write(due.map((document) => toUpdate(document, lease)));
    const claimed = due
      .filter((_, index) => {
        const outcome = outcomes[index];
        return outcome?.status === 'fulfilled' && outcome.value === 'committed';
      })
      .map((document) => toDomain({ ...document, ...lease, revision: document.revision + 1 }));
    if (claimed.length > 0) return claimed;
  }
  return [];
}

/** When that which is due for the longest became due. */
export async function dueSince(
  activities: Model<ActivityDocument>,
  link: MongoLink,
  now: number,
): Promise<number | undefined> {
  const oldest = await link.run('look at what is due', () =>
    activities
      .findOne({ wakeAt: { $lte: new Date(now) } }, { wakeAt: 1 })
      .sort({ wakeAt: 1 })
      .lean(),
  );
  return oldest?.wakeAt?.getTime();
}

function toUpdate(
  { _id, revision }: ActivityDocument,
  lease: Pick<ActivityDocument, 'wakeAt' | 'leaseOwner'>,
): RevisionUpdate {
  return { id: _id, revision, commitId: randomUUID(), set: lease, unset: [] };
}
