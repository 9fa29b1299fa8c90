import { type mongo } from 'mongoose';
import { type ActivityDocument } from '../activities/stored/activity-document.js';
import { NEEDS_ATTENTION, ACTIVITIES } from '../activities/stored/activity.schema.js';
import { quotaMonthOf } from '../quotas/quota-month.js';
import { removeResultsOf } from '../activities/beside/remove-results.js';

/** Ended activities are kept for as long as their class is. */
export const RETENTION_CLASSES = ['succeeded', 'failed', 'refused'] as const;
export type RetentionClass = (typeof RETENTION_CLASSES)[number];

/** Of one workflow, what came in this time; all in milliseconds since 1970. */
export interface Span {
  readonly workflowId: string;
  readonly from: number;
  readonly before: number;
  /** Of the pass. */
  readonly now: number;
}

/** Where a walk along a span is: each batch goes on behind the one before. */
export interface WalkPlace {
  readonly createdAt: Date;
  readonly id: string;
}

export interface RemovedBatch {
  readonly removed: number;
  /** Undefined when the span is at its end. */
  readonly next?: WalkPlace;
}

type Ended = Pick<
  ActivityDocument,
  '_id' | 'createdAt' | 'status' | 'refused' | 'wakeAt' | 'besideBytes' | 'quotaMonth'
> & {
  readonly run?: { readonly endedAt?: number };
  readonly refusal?: { readonly lastAt: Date };
};

const FIELDS = {
  createdAt: 1,
  status: 1,
  refused: 1,
  wakeAt: 1,
  besideBytes: 1,
  quotaMonth: 1,
  'run.endedAt': 1,
  'refusal.lastAt': 1,
};

/** As MongoDB is asked for the oldest of a span that may be of the class, from `place` on. */
function candidates(
  of: RetentionClass,
  { workflowId, from, before }: Span,
  place?: WalkPlace,
): mongo.Document {
  const range = { $gte: new Date(from), $lt: new Date(before) };
  const behind = place && {
    createdAt: { ...range, $gte: place.createdAt },
    $nor: [{ createdAt: place.createdAt, _id: { $lte: place.id } }],
  };
  return { workflowId, createdAt: range, ...filterOf(of), ...behind };
}

/**
 * What succeeded has no index of its own: all that is left of the span is read. That is nearly
 * nothing else, as what failed and is kept longer is passed only once a day (see `RetentionJob`).
 */
function filterOf(of: RetentionClass): mongo.Document {
  if (of === 'succeeded') return {};
  if (of === 'refused') return { ...NEEDS_ATTENTION, status: 'failed', refused: true };
  const status = { $in: ['failed', 'cancelled', 'timedout'] };
  return { ...NEEDS_ATTENTION, status, refused: null };
}

/** Reads one batch of a span and removes what of it ended before `span.before`. */
export async function removeBatch(
  db: mongo.Db,
  of: RetentionClass,
  span: Span,
  itemsMax: number,
  place?: WalkPlace,
): Promise<RemovedBatch> {
  const activities = db.collection<ActivityDocument>(ACTIVITIES);
  const found = await activities
    .find(candidates(of, span, place) as mongo.Filter<ActivityDocument>)
    .project<Ended>(FIELDS)
    .sort({ createdAt: 1, _id: 1 })
    .limit(itemsMax)
    .toArray();
  const month = quotaMonthOf(span.now);
  const expired = found.filter((one) => isExpired(of, one, span.before, month));
  const ids = expired.map(({ _id }) => _id);
  const removed = ids.length === 0 ? 0 : await remove(activities, ids);
  // In this order: an activity that is there has its results. What stays behind is swept.
  const withResults = expired.filter(({ besideBytes }) => besideBytes !== undefined);
  await removeResultsOf(
    db,
    withResults.map(({ _id }) => _id),
  );
  const last = found.at(-1);
  if (!last || found.length < itemsMax) return { removed };
  return { removed, next: { createdAt: last.createdAt, id: last._id } };
}

/** What is final stays so; that it has no wake-up is asked again all the same. */
async function remove(
  activities: mongo.Collection<ActivityDocument>,
  ids: readonly string[],
): Promise<number> {
  const isFinal = { wakeAt: { $exists: false } };
  return (await activities.deleteMany({ _id: { $in: [...ids] }, ...isFinal })).deletedCount;
}

function isExpired(of: RetentionClass, one: Ended, before: number, month: number): boolean {
  if (one.wakeAt !== undefined) return false;
  // It counts until the month is over: a quota is no larger because less is kept.
  if (one.quotaMonth !== undefined && one.quotaMonth >= month) return false;
  // Of a release that did not mark rejected requests yet: they count as what failed.
  if (of === 'succeeded' && one.status !== 'succeeded') return false;
  const endedAt = one.refusal?.lastAt.getTime() ?? one.run?.endedAt ?? one.createdAt.getTime();
  return endedAt < before;
}
