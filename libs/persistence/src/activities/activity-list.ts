import { ACTIVITY_STATUSES } from '@app/workflow-engine';
import { type Model, type QueryFilter } from 'mongoose';
import { CursorInvalidError } from '../errors.js';
import { fromCursor, toCursor } from '../storage/cursor.js';
import { type ActivityDocument } from './activity-document.js';
import { toDomain } from './activity-mapping.js';
import { type ActivityPage, type ActivityQuery, type ListedActivity } from './activity-store.js';

const NOT_LISTED = { event: 0, 'run.results': 0, 'tasks.results': 0 };

/**
 * One page, newest first, by a walk along an index: the cost of a page does not grow with what
 * comes before it. Reads one more than the page holds, to know whether another follows.
 */
export async function listActivities(
  activities: Model<ActivityDocument>,
  query: ActivityQuery,
): Promise<ActivityPage> {
  const found = await activities
    .find(toFilter(query), NOT_LISTED)
    .sort({ createdAt: -1, _id: -1 })
    .limit(query.limit + 1)
    .lean<ActivityDocument[]>();
  return toPage(found.map(toDomain), query.limit);
}

/** The page of a list that was read one longer than `limit`. */
export function toPage(found: readonly ListedActivity[], limit: number): ActivityPage {
  const activities = found.slice(0, limit);
  const last = activities.at(-1);
  return found.length > limit && last
    ? { activities, nextCursor: toCursor([last.createdAt, last.id]) }
    : { activities };
}

/** @throws CursorInvalidError */
export function toPlace(cursor: string): { readonly createdAt: number; readonly id: string } {
  const [createdAt, id] = fromCursor(cursor, ['number', 'string']);
  // A number may be no time at all.
  if (Number.isNaN(new Date(createdAt as number).getTime())) throw new CursorInvalidError();
  return { createdAt: createdAt as number, id: id as string };
}

export function toFilter({
  workflowId,
  status,
  cursor,
}: ActivityQuery): QueryFilter<ActivityDocument> {
  return {
    ...(workflowId !== undefined && { workflowId }),
    ...(status !== undefined && { status }),
    ...(workflowId === undefined && status === undefined && ANY_STATUS),
    ...(cursor !== undefined && afterPlace(toPlace(cursor))),
  };
}

/** Lets a list of everything walk the index by status, whose parts MongoDB merges in order. */
const ANY_STATUS = { status: { $in: ACTIVITY_STATUSES } };

/**
 * `$lte` bounds the walk in the index; `$nor` then leaves out what the last page had. An `$or` of
 * the two cases would say the same, but MongoDB may then take the index of `_id` and sort.
 */
function afterPlace({ createdAt, id }: ReturnType<typeof toPlace>): QueryFilter<ActivityDocument> {
  const at = new Date(createdAt);
  return { createdAt: { $lte: at }, $nor: [{ createdAt: at, _id: { $gte: id } }] };
}
