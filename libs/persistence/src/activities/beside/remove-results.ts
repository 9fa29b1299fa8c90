import { DAY_MS } from '@app/workflow-engine';
import { type mongo } from 'mongoose';
import { type ActivityDocument } from '../stored/activity-document.js';
import { ACTIVITIES } from '../stored/activity.schema.js';
import { digestsIn } from './read-whole.js';
import {
  activityIdIn,
  ofActivity,
  type ResultDocument,
  resultIdOf,
  RESULTS,
} from './results.schema.js';

/** After a result was written, its writer may still commit a reference to it for this long, in milliseconds. */
const UNREFERRED_MS_MAX = DAY_MS;

/** Removes the results of activities that are gone. */
export async function removeResultsOf(db: mongo.Db, activityIds: readonly string[]): Promise<void> {
  if (activityIds.length === 0) return;
  const filter = { $or: activityIds.map(ofActivity) };
  await db.collection(RESULTS).deleteMany(filter);
}

/** Where the next batch begins; undefined at the end. */
export interface SweptResults {
  readonly removed: number;
  readonly next?: string;
}

/**
 * Removes the results of one batch, in the order of their ids, that no activity refers to: their commit failed, or
 * another result replaced them. It reads ids alone, which are in the index.
 *
 * @param after the last id of the batch before
 */
export async function sweepResults(
  db: mongo.Db,
  itemsMax: number,
  after = '',
): Promise<SweptResults> {
  const results = db.collection<ResultDocument>(RESULTS);
  const found = await results
    .find({ _id: { $gt: after } })
    .project<Pick<ResultDocument, '_id'>>({ _id: 1 })
    .sort({ _id: 1 })
    .limit(itemsMax)
    .toArray();
  const referred = await referredTo(db, [...new Set(found.map(({ _id }) => activityIdIn(_id)))]);
  const ids = found.map(({ _id }) => _id).filter((id) => !referred.has(id));
  const isOld = { $expr: { $lt: ['$at', { $subtract: ['$$NOW', UNREFERRED_MS_MAX] }] } };
  const { deletedCount: removed } =
    ids.length === 0
      ? { deletedCount: 0 }
      : await results.deleteMany({ _id: { $in: ids }, ...isOld });
  const last = found.at(-1);
  return last && found.length === itemsMax ? { removed, next: last._id } : { removed };
}

async function referredTo(db: mongo.Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const activities = await db
    .collection<ActivityDocument>(ACTIVITIES)
    .find({ _id: { $in: [...ids] } })
    .project<Pick<ActivityDocument, '_id' | 'tasks' | 'results'>>({
      'tasks.results.beside': 1,
      'results.value.beside': 1,
    })
    .toArray();
  return new Set(
    activities.flatMap((activity) =>
      digestsIn(activity).map((digest) => resultIdOf(activity._id, digest)),
    ),
  );
}
