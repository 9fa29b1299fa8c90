import { type JsonObject } from '@app/json';
import { type mongo } from 'mongoose';
import { type Activity } from './activity.js';
import { textsOf } from './beside/read-whole.js';
import { type ActivityDocument } from './stored/activity-document.js';
import { ACTIVITIES } from './stored/activity.schema.js';
import { toFailure, toResults } from './stored/state-mapping.js';

/** The outcome of a run, for its parent. */
export interface RunEnd extends Pick<Activity, 'id' | 'status' | 'parent' | 'failure'> {
  /** Whether it has begun: a refused run has not. */
  readonly isBegun: boolean;
  /** About how many bytes its results take as they are stored. */
  readonly resultsBytes: number;
  /** Absent if they are larger than `resultsBytesMax`. */
  readonly results?: JsonObject;
}

interface EndDocument extends Pick<
  ActivityDocument,
  '_id' | 'status' | 'parent' | 'failure' | 'run' | 'results'
> {
  readonly isBegun: boolean;
  readonly resultsBytes: number;
}

/** The size of the results as BSON, with those in their own collection. */
const RESULTS_BYTES = {
  $add: [
    { $bsonSize: { whole: '$run.results', members: '$results' } },
    { $sum: '$results.value.bytes' },
  ],
};

/** MongoDB itself leaves out results that are too large, so they are never sent. */
export async function endsOf(
  db: mongo.Db,
  ids: readonly string[],
  resultsBytesMax: number,
): Promise<readonly RunEnd[]> {
  if (ids.length === 0) return [];
  const fitting = (field: string): object => ({
    $cond: [{ $lte: ['$resultsBytes', resultsBytesMax] }, field, '$$REMOVE'],
  });
  const found = await db
    .collection<ActivityDocument>(ACTIVITIES)
    .aggregate<EndDocument>(
      [
        { $match: { _id: { $in: [...ids] } } },
        {
          $set: {
            resultsBytes: RESULTS_BYTES,
            isBegun: { $ne: [{ $type: '$run' }, 'missing'] },
          },
        },
        {
          $project: {
            ...{ status: 1, parent: 1, failure: 1, resultsBytes: 1, isBegun: 1 },
            run: { results: fitting('$run.results') },
            results: fitting('$results'),
          },
        },
      ],
      { readConcern: { level: 'majority' } },
    )
    .toArray();
  const read = found.filter(({ resultsBytes }) => resultsBytes <= resultsBytesMax);
  const texts = await textsOf(db, read);
  return found.map((document) => {
    const { _id: id, status, parent, isBegun, resultsBytes } = document;
    const failure = toFailure(document);
    return {
      ...{ id, status, isBegun, resultsBytes },
      ...(parent && { parent }),
      ...(failure && { failure }),
      ...(resultsBytes <= resultsBytesMax && { results: toResults(document, texts) }),
    };
  });
}
