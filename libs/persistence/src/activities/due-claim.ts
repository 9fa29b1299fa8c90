import { type Model } from 'mongoose';
import { randomUUID } from 'node:crypto';
import { type MongoLink } from '../connection/mongo-link.js';
import { type Activity } from './activity.js';
import { type ActivityDocument } from './activity-document.js';
import { toDomain } from './activity-mapping.js';
import { type DueClaim } from './activity-store.js';
import { type CommitWriter, type RevisionUpdate } from './commit-writer.js';

type Due = Pick<ActivityDocument, 'leaseOwner' | 'takeovers'> & { readonly wakeAt?: Date | number };

/** What becomes of a due activity: claimed now, or due again later. */
export interface Taking {
  readonly takeovers: number;
  /** 0: it is claimed now. */
  readonly delayMs: number;
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
    const found = due.map((document) => ({
      document,
      taking: takingOf(document, claim, link.regainedAt),
    }));
    const outcomes = await writer.write(
      found.map(({ document, taking }) => toUpdate(document, claim, taking)),
    );
    const claimed = found.flatMap(({ document, taking }, index) => {
      const outcome = outcomes[index];
      const isMine = outcome?.status === 'fulfilled' && outcome.value === 'committed';
      if (!isMine || taking.delayMs > 0) return [];
      const { revision } = document;
      return [toDomain({ ...document, ...leaseOf(claim, taking), revision: revision + 1 })];
    });
    if (claimed.length > 0) return claimed;
  }
  return [];
}

/**
 * A lease that ran out is counted against the activity: while it was worked on, its executor died
 * or broke off. Not so when MongoDB was away in that time: then nobody could have renewed it.
 */
export function takingOf(due: Due, claim: DueClaim, storeRegainedAt = 0): Taking {
  const { leaseOwner, takeovers = 0, wakeAt = 0 } = due;
  const leasedAt = Number(wakeAt) - claim.leaseMs;
  if (leaseOwner === undefined || storeRegainedAt > leasedAt) return { takeovers, delayMs: 0 };
  return { takeovers: takeovers + 1, delayMs: claim.takeoverDelayMs?.(takeovers + 1) ?? 0 };
}

type LeaseFields = Pick<ActivityDocument, 'wakeAt' | 'leaseOwner' | 'takeovers'>;

function leaseOf({ now, leaseMs, owner }: DueClaim, { takeovers }: Taking): LeaseFields {
  const counted = takeovers > 0 && { takeovers };
  return { wakeAt: new Date(now + leaseMs), leaseOwner: owner, ...counted };
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
  claim: DueClaim,
  taking: Taking,
): RevisionUpdate {
  const update = { id: _id, revision, commitId: randomUUID() };
  const { takeovers, delayMs } = taking;
  if (delayMs === 0) return { ...update, set: leaseOf(claim, taking), unset: [] };
  const set = { wakeAt: new Date(claim.now + delayMs), takeovers };
  return { ...update, set, unset: ['leaseOwner'] };
}
