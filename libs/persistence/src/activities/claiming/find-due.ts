import { ACTIVITY_STATUSES, isFinal, isOfDelivery, START_LATER } from '@app/workflow-engine';
import { type mongo } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { FIRST_LOCK_VERSION } from '../activity.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { type DueClaim } from '../activity-store.js';
import { ACTIVITIES } from '../stored/activity.schema.js';
import { gatesOf } from './gates.js';
import { OPEN_STATUSES } from '../writing/inbox.js';

/** The fields that a claim needs: a whole activity may be megabytes. */
export interface Due extends Pick<
  ActivityDocument,
  '_id' | 'revision' | 'leaseOwner' | 'takeovers'
> {
  readonly wakeAt: Date;
  readonly bytes: number;
  /** The whole record of a small activity, which then need not be read after the claim. */
  readonly whole?: ActivityDocument;
}

/** Records that one look reads as a whole before they are claimed, in bytes. */
const WHOLE_BYTES_MAX = 4 * 1024 ** 2;

/** What is due, in batches of `claim.limit`; all of it for a walk, and one batch for a claim of its own. */
export async function dueQuery(
  db: mongo.Db,
  { regainedAt }: Pick<MongoLink, 'regainedAt'>,
  claim: DueClaim,
  skip: number,
): Promise<mongo.FindCursor<Due>> {
  const { limit, features = [], walk } = claim;
  const activities = db.collection(ACTIVITIES);
  const gates = features.length > 0 ? await gatesOf(activities) : [];
  const cursor = activities
    .find(wanted(claim, gates, regainedAt))
    .project<Due>(dueFields(limit))
    .sort({ wakeAt: 1 })
    .skip(skip)
    .batchSize(limit);
  return walk ? cursor : cursor.limit(limit);
}

/** When the most overdue activity became due. */
export async function dueSince(link: MongoLink, now: number): Promise<number | undefined> {
  const oldest = await link.run('look at what is due', async (db) => {
    const activities = db.collection(ACTIVITIES);
    return activities
      .find({ ...dueAt(now), gate: { $in: [null, ...(await gatesOf(activities))] } })
      .project<Pick<Due, 'wakeAt'>>({ wakeAt: 1 })
      .sort({ wakeAt: 1 })
      .limit(1)
      .next();
  });
  return oldest?.wakeAt.getTime();
}

function dueFields(limit: number): mongo.Document {
  const bytes = { $add: [{ $bsonSize: '$$ROOT' }, { $ifNull: ['$besideBytes', 0] }] };
  const isSmall = { $lte: [bytes, Math.floor(WHOLE_BYTES_MAX / limit)] };
  return {
    revision: 1,
    leaseOwner: 1,
    takeovers: 1,
    wakeAt: 1,
    bytes,
    whole: { $cond: [isSmall, '$$ROOT', '$$REMOVE'] },
  };
}

/** By status and gate, as in the index: MongoDB merges the scans in order. */
function dueAt(now: number): { status: object; wakeAt: object } {
  return { status: { $in: ACTIVITY_STATUSES }, wakeAt: { $lte: new Date(now) } };
}

/**
 * Activities that require nothing, or features of this build. The gate is in the index; the other features are rarely
 * checked.
 * @param gates those that there are: of the others nothing can be found
 */
function takenBy(features: readonly string[], gates: readonly string[]): mongo.Document {
  const present = features.filter((feature) => gates.includes(feature));
  if (present.length === 0) return { gate: null };
  const others = { requires: { $elemMatch: { $nin: features } } };
  return { gate: { $in: [null, ...present] }, $nor: [others] };
}

/**
 * Early claims use the same index: their wake-ups are near. Final activities with entries to deliver need other
 * features than runs, so they are a query of their own: together they would be more scans than MongoDB merges.
 */
function wanted(claim: DueClaim, gates: readonly string[], regainedAt?: number): mongo.Document {
  const due = dueFor(claim, regainedAt);
  const { features = [] } = claim;
  if (claim.early?.kind === 'untouched') {
    // No dispatch is sent for a run with a later start: those are skipped in the index, however many there are.
    const atOnce = features.filter((feature) => feature !== START_LATER);
    return { ...due, ...takenBy(atOnce, gates) };
  }
  const ofDelivery = features.filter(isOfDelivery);
  const ofRuns = features.filter((feature) => !isOfDelivery(feature));
  return {
    $or: [
      { ...due, status: { $in: OPEN_STATUSES }, ...takenBy(ofRuns, gates) },
      { ...due, status: { $in: FINAL_STATUSES }, ...takenBy(ofDelivery, gates) },
    ],
  };
}

const FINAL_STATUSES = ACTIVITY_STATUSES.filter(isFinal);

function dueFor({ now, leaseMs, owner, early }: DueClaim, regainedAt?: number): object {
  if (early?.kind === 'untouched') {
    const wakeAt = { $lte: new Date(now + early.withinMs) };
    return { status: 'queued', wakeAt, revision: FIRST_LOCK_VERSION };
  }
  if (early?.kind === 'own-leases') {
    const _id = { $nin: [...early.exceptIds] };
    const wakeAt = { $gt: new Date(now), $lte: new Date(now + 2 * leaseMs) };
    return { ...dueAt(now), wakeAt, leaseOwner: owner, _id };
  }
  const othersMayRenew = regainedAt !== undefined && now < regainedAt + leaseMs;
  return othersMayRenew ? { ...dueAt(now), leaseOwner: { $in: [null, owner] } } : dueAt(now);
}
