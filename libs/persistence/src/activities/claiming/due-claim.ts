import { type MongoLink } from '../../connection/mongo-link.js';
import { type Activity } from '../activity.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { digestsIn, textsOf } from '../beside/read-whole.js';
import { toDomain } from '../stored/activity-mapping.js';
import { type DueClaim } from '../activity-store.js';
import { ACTIVITIES } from '../stored/activity.schema.js';
import { type DueReader } from './due-reader.js';
import { type Due } from './find-due.js';
import { nextCommitId } from '../writing/commit-id.js';
import { type RevisionUpdate } from '../writing/commit-statement.js';
import { type CommitWriter } from '../writing/commit-writer.js';

/** The plan for a due activity: claimed now, or due again later. */
interface Taking {
  readonly takeovers: number;
  /** 0: it is claimed now. */
  readonly delayMs: number;
}

interface Taken {
  readonly due: Due;
  readonly taking: Taking;
}

/** The number of further looks, at later activities, when others claimed everything that was found. */
const LOOKS_MAX = 3;

/** Activities that are claimed and read in one batch: each is rewritten and sent over the network. */
const BATCH_BYTES_MAX = 16 * 1024 ** 2;

/**
 * Claims what is due by moving its wake-up on the condition of the lock version: many executors can do so at once,
 * and each activity goes to one of them. Large activities take several batches, each with its own deadline; when one
 * fails, those before it are what was claimed.
 */
export async function claimDue(
  link: MongoLink,
  reader: DueReader,
  writer: CommitWriter,
  claim: DueClaim,
): Promise<readonly Activity[]> {
  let { skip = 0 } = claim;
  for (let look = 1; look <= LOOKS_MAX; look += 1) {
    const due = await reader.read(claim, skip);
    if (due.length === 0) return [];
    const claimed: Activity[] = [];
    const fitting = within(due, claim.bytesMax);
    reader.unread(claim, due.slice(fitting.length));
    for (const batch of batchesOf(fitting)) {
      try {
        claimed.push(...(await claimBatch(link, writer, claim, batch)));
      } catch (error) {
        if (claimed.length === 0) throw error;
        return claimed;
      }
    }
    if (claimed.length > 0) return claimed;
    skip = claim.limit * Math.ceil(Math.random() * LOOKS_MAX);
  }
  return [];
}

/** The first activities that together are within the bound of bytes, and at least one. */
function within<T extends { readonly bytes: number }>(
  due: readonly T[],
  bytesMax = Number.POSITIVE_INFINITY,
): readonly T[] {
  let bytes = 0;
  const end = due.findIndex((one, at) => (bytes += one.bytes) > bytesMax && at > 0);
  return end === -1 ? due : due.slice(0, end);
}

/** In the same order; each within the bound, or a single one that is larger. */
function batchesOf(due: readonly Due[]): readonly (readonly Due[])[] {
  const batches: Due[][] = [];
  let room = 0;
  for (const one of due) {
    room -= one.bytes;
    if (room < 0) {
      batches.push([]);
      room = BATCH_BYTES_MAX - one.bytes;
    }
    batches.at(-1)?.push(one);
  }
  return batches;
}

async function claimBatch(
  link: MongoLink,
  writer: CommitWriter,
  claim: DueClaim,
  batch: readonly Due[],
): Promise<readonly Activity[]> {
  const free = batch.map((due) => unclaimedWhole(claim, due));
  const takings = batch
    .filter((_, index) => free[index] === undefined)
    .map((due) => ({ due, taking: takingOf(due, claim, link.regainedAt) }));
  if (takings.length === 0) return free.filter((one) => one !== undefined);
  const outcomes = await writer.write(takings.map((taking) => toUpdate(claim, taking)));
  const written = outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value);
  const lost = written.filter((outcome) => outcome === 'stale').length;
  if (lost > 0) claim.onLost?.(lost);
  const mine = takings.filter(
    ({ taking }, index) => written[index] === 'committed' && taking.delayMs === 0,
  );
  const known = mine.map((one) => claimedWhole(claim, one));
  const ids = mine.flatMap(({ due }, index) => (known[index] ? [] : due._id));
  const read = ids.length === 0 ? undefined : await readClaimed(link, claim, ids);
  const claimed = new Map(
    mine.map(({ due: { _id } }, index) => [_id, known[index] ?? read?.get(_id)]),
  );
  return batch.flatMap(({ _id }, index) => free[index] ?? claimed.get(_id) ?? []);
}

/** As it was found, if it needs no claim. What is not read yet is claimed first. */
function unclaimedWhole({ unclaimed }: DueClaim, due: Due): Activity | undefined {
  const { _id: id, revision: lockVersion, leaseOwner, takeovers = 0, whole } = due;
  const isFree = leaseOwner === undefined && takeovers === 0 && isAllThere(whole);
  return isFree && unclaimed?.({ id, lockVersion }) === true ? toDomain(whole) : undefined;
}

/** Whether the record has all results of the activity, none of them in the collection `results`. */
function isAllThere(whole: ActivityDocument | undefined): whole is ActivityDocument {
  return whole !== undefined && digestsIn(whole).length === 0;
}

/** As it was found, with what the claim has written: nobody wrote between the two, or it would be theirs. */
function claimedWhole(
  { now, leaseMs, owner }: DueClaim,
  { due, taking }: Taken,
): Activity | undefined {
  const { whole, revision } = due;
  if (!isAllThere(whole)) return undefined;
  const { takeovers } = taking;
  const lease = { wakeAt: new Date(now + leaseMs), leaseOwner: owner, takeovers };
  return toDomain({ ...whole, ...lease, revision: revision + 1 });
}

/**
 * As they are now. Activities that were given up since the claim, or lack a result, are left out: reading the latter
 * reports it.
 */
async function readClaimed(
  link: MongoLink,
  { owner }: DueClaim,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Activity>> {
  const whole = await link.run('read claimed activities', async (db) => {
    const found = await db
      .collection<ActivityDocument>(ACTIVITIES)
      .find({ _id: { $in: [...ids] }, leaseOwner: owner }, { batchSize: ids.length })
      .toArray();
    const texts = await textsOf(db, found);
    return found.flatMap((document) => {
      const isWhole = digestsIn(document).every((digest) => texts.has(digest));
      return isWhole ? [toDomain(document, texts)] : [];
    });
  });
  return new Map(whole.map((activity) => [activity.id, activity]));
}

/**
 * A lease that ran out counts against the activity: its executor died or broke off. It does not count when MongoDB
 * was away in that time: the lease could not be renewed then, and for one lease after MongoDB is back only its owner
 * may claim it.
 */
function takingOf(
  { leaseOwner, takeovers = 0, wakeAt = 0 }: LeaseFacts,
  claim: DueClaim,
  storeRegainedAt = 0,
): Taking {
  if (claim.early !== undefined) return { takeovers, delayMs: 0 };
  const leasedAt = Number(wakeAt) - claim.leaseMs;
  if (leaseOwner === undefined || storeRegainedAt > leasedAt) return { takeovers, delayMs: 0 };
  return { takeovers: takeovers + 1, delayMs: claim.takeoverDelayMs?.(takeovers + 1) ?? 0 };
}

interface LeaseFacts extends Pick<ActivityDocument, 'leaseOwner' | 'takeovers'> {
  readonly wakeAt?: Date | number;
}

function toUpdate({ now, leaseMs, owner }: DueClaim, { due, taking }: Taken): RevisionUpdate {
  const { takeovers, delayMs } = taking;
  const update = { id: due._id, lockVersion: due.revision, commitId: nextCommitId() };
  const counted = takeovers > 0 && { takeovers };
  if (delayMs > 0) {
    return {
      ...update,
      set: { wakeAt: new Date(now + delayMs), ...counted },
      unset: ['leaseOwner'],
    };
  }
  const set = { wakeAt: new Date(now + leaseMs), leaseOwner: owner, ...counted };
  return { ...update, set, unset: [], leaseMs };
}
