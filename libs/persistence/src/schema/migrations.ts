import { type mongo } from 'mongoose';
import { NEEDS_ATTENTION, ACTIVITIES } from '../activities/stored/activity.schema.js';
import { afterPlace, sortOf, type Place } from '../activities/activity-list.js';
import { type ActivityDocument } from '../activities/stored/activity-document.js';

export interface Migration {
  /** The version of the database after this migration; each is one more than the one before. */
  readonly version: number;
  readonly what: string;
  /**
   * Migrates the stored data to the version. Every step must be repeatable by another process after any part of it,
   * and compatible with processes of the version before, which go on reading and writing. `goesOn` must be called
   * between batches; it throws when the lease is lost.
   */
  run(db: mongo.Db, goesOn: () => Promise<void>): Promise<void>;
}

/** The version of a database of the last release, which stored no version. */
export const FIRST_SCHEMA_VERSION = 1;

const BATCH_ITEMS_MAX = 500;

/** In order. A new one needs a test from a database of the release before (test/last-release.ts). */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 2,
    what: 'mark rejected requests, so that an index tells them from runs that failed',
    run: markRejectedRequests,
  },
];

/** By the index that has what needs attention. A rejected request that an older process makes stays unmarked. */
async function markRejectedRequests(db: mongo.Db, goesOn: () => Promise<void>): Promise<void> {
  const activities = db.collection(ACTIVITIES);
  const unmarked = { status: 'failed', refused: null, ...NEEDS_ATTENTION };
  let place: Place = { at: 8.64e15, id: '' };
  for (;;) {
    const batch = await activities
      .find({ ...unmarked, ...afterPlace(place) })
      .project<Pick<ActivityDocument, '_id' | 'createdAt' | 'refusal'>>({
        createdAt: 1,
        refusal: 1,
      })
      .sort(sortOf('createdAt'))
      .limit(BATCH_ITEMS_MAX)
      .toArray();
    const ids = batch
      .filter(({ refusal }) => refusal)
      .map(({ _id }) => _id as unknown as mongo.BSON.ObjectId);
    await activities.updateMany({ _id: { $in: ids } }, { $set: { refused: true } });
    const last = batch.at(-1);
    if (!last || batch.length < BATCH_ITEMS_MAX) return;
    place = { at: last.createdAt.getTime(), id: last._id };
    await goesOn();
  }
}
