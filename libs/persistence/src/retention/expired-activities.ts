import { type mongo } from 'mongoose';
import { type ActivityDocument } from '../activities/stored/activity-document.js';
import { NEEDS_ATTENTION, ACTIVITIES } from '../activities/stored/activity.schema.js';
import { quotaMonthOf } from '../quotas/run-quotas.js';
import { removeResultsOf } from '../activities/beside/remove-results.js';
import { neededByOthers, type Related } from './needed-by-others.js';
import { type RetentionClass } from './retention-classes.js';

/** The activities of one workflow created in `[from, before)`; all times in milliseconds since 1970. */
export interface Span {
  readonly workflowId: string;
  readonly from: number;
  readonly before: number;
  /** When the pass began. */
  readonly now: number;
}

/** The last activity that a walk along a span, from the newest to the oldest, has read: the next batch begins behind it. */
export interface WalkPlace {
  readonly createdAt: Date;
  readonly id: string;
}

export interface RemovedBatch {
  /** How many activities were read. */
  readonly read: number;
  readonly removed: number;
  /** Where the next batch begins; absent at the end of the span. */
  readonly next?: WalkPlace;
}

type Ended = Related &
  Pick<ActivityDocument, 'createdAt' | 'status' | 'refused' | 'besideBytes' | 'quotaMonth'> & {
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
  parent: 1,
  retryOf: 1,
  'run.endedAt': 1,
  'refusal.lastAt': 1,
};

/** The filter of activities in a span, behind `place`, that may belong to the class. */
function candidates(
  of: RetentionClass,
  { workflowId, from, before }: Span,
  place?: WalkPlace,
): mongo.Document {
  const range = { $gte: new Date(from), $lt: new Date(before) };
  const behind = place && {
    createdAt: { $gte: range.$gte, $lte: place.createdAt },
    $nor: [{ createdAt: place.createdAt, _id: { $gte: place.id } }],
  };
  return { workflowId, createdAt: range, ...filterOf(of), ...behind };
}

/**
 * No index is for succeeded activities alone, so the filter matches all that is left of the span. Nearly
 * all of that succeeded: failed activities, which are kept longer, are read only once a day (see
 * `RetentionJob`).
 */
function filterOf(of: RetentionClass): mongo.Document {
  if (of === 'succeeded') return {};
  if (of === 'refused') return { ...NEEDS_ATTENTION, status: 'failed', refused: true };
  const status = { $in: ['failed', 'cancelled', 'timedout'] };
  return { ...NEEDS_ATTENTION, status, refused: null };
}

/**
 * Reads one batch of a span, the newest first, and removes the activities in it that ended before `span.before` and that
 * no other one needs.
 *
 * The order is that of the indexes. A removed key stays in its index for minutes, and a search that begins on
 * one goes forward to the next key that is left. In this order that is the next to be read. In the other one
 * each batch would first walk over all that were removed before it.
 */
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
    .sort({ createdAt: -1, _id: -1 })
    .limit(itemsMax)
    // More than the limit, so that the first answer has all of them and ends the cursor.
    .batchSize(itemsMax + 1)
    .toArray();
  const month = quotaMonthOf(span.now);
  const over = found.filter((one) => isExpired(of, one, span.before, month));
  const needed = await neededByOthers(activities, over);
  const expired = over.filter(({ _id }) => !needed.has(_id));
  const ids = expired.map(({ _id }) => _id);
  const removed = ids.length === 0 ? 0 : await remove(activities, ids);
  // Results go last, so that an activity never lacks them. If the process dies in between, `sweepResults` removes them.
  const withResults = expired.filter(({ besideBytes }) => besideBytes !== undefined);
  await removeResultsOf(
    db,
    withResults.map(({ _id }) => _id),
  );
  const last = found.at(-1);
  const counts = { read: found.length, removed };
  if (!last || found.length < itemsMax) return counts;
  return { ...counts, next: { createdAt: last.createdAt, id: last._id } };
}

/** The condition `wakeAt` was checked when the batch was read. It is checked again so that no open activity is ever removed. */
async function remove(
  activities: mongo.Collection<ActivityDocument>,
  ids: readonly string[],
): Promise<number> {
  const isFinal = { wakeAt: { $exists: false } };
  return (await activities.deleteMany({ _id: { $in: [...ids] }, ...isFinal })).deletedCount;
}

function isExpired(of: RetentionClass, one: Ended, before: number, month: number): boolean {
  if (one.wakeAt !== undefined) return false;
  // It counts against its quota until the month is over, however short the retention is.
  if (one.quotaMonth !== undefined && one.quotaMonth >= month) return false;
  // Rejected requests of a release that did not mark them (`refused`) are removed with the class `failed`.
  if (of === 'succeeded' && one.status !== 'succeeded') return false;
  const endedAt = one.refusal?.lastAt.getTime() ?? one.run?.endedAt ?? one.createdAt.getTime();
  return endedAt < before;
}
