import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../../storage/strict-schema.js';

export const RESULTS_MODEL = 'Result';
export const RESULTS = 'results';

/**
 * A large result of a run, in a collection of its own. Its id begins with that of the activity, so the index of ids
 * finds all results of one activity.
 */
export interface ResultDocument {
  /** `resultIdOf` */
  readonly _id: string;
  /** Its JSON text. */
  readonly json: string;
  /** When it was last written, by MongoDB's own clock. */
  readonly at: Date;
}

export const resultsSchema = new Schema<ResultDocument>(
  { _id: String, json: String, at: Date },
  { ...STRICT_SCHEMA, collection: RESULTS },
);

export function resultIdOf(activityId: string, digest: string): string {
  return `${activityId}/${digest}`;
}

export function activityIdIn(resultId: string): string {
  return resultId.slice(0, resultId.lastIndexOf('/'));
}

/** All results of an activity: their ids begin with its own and a slash, which is before `0`. */
export function ofActivity(activityId: string): { readonly _id: object } {
  return { _id: { $gte: `${activityId}/`, $lt: `${activityId}0` } };
}
