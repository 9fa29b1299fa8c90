import { type mongo } from 'mongoose';
import {
  isTextBeside,
  type StoredValue,
  TextMissingError,
  type TextsBeside,
} from '../../storage/stored-fields.js';
import { ActivityIncompleteError } from '../../errors.js';
import { type Activity } from '../activity.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { toDomain } from '../stored/activity-mapping.js';
import { type ResultDocument, resultIdOf, RESULTS } from './results.schema.js';

/** How often an activity is read again because its results were replaced or removed meanwhile. */
const READS_MAX = 3;

/**
 * One activity with all its results.
 * @throws ActivityIncompleteError when one of them is lost
 */
export async function readWhole(
  db: mongo.Db,
  read: () => Promise<ActivityDocument | null>,
): Promise<Activity | undefined> {
  for (let reads = 1; ; reads += 1) {
    const document = await read();
    if (!document) return undefined;
    const texts = await textsOf(db, [document]);
    try {
      return toDomain(document, texts);
    } catch (cause) {
      if (!(cause instanceof TextMissingError)) throw cause;
      if (reads === READS_MAX) throw new ActivityIncompleteError(document._id, { cause });
    }
  }
}

/** The results in the collection `results` of these activities, by digest. */
export async function textsOf(
  db: mongo.Db,
  documents: readonly Pick<ActivityDocument, '_id' | 'tasks' | 'results'>[],
): Promise<TextsBeside> {
  const ids = documents.flatMap((document) =>
    digestsIn(document).map((digest) => resultIdOf(document._id, digest)),
  );
  if (ids.length === 0) return new Map();
  const found = await db
    .collection<ResultDocument>(RESULTS)
    .find({ _id: { $in: ids } })
    .project<Pick<ResultDocument, '_id' | 'json'>>({ json: 1 })
    .toArray();
  return new Map(found.map(({ _id, json }) => [_id.slice(_id.lastIndexOf('/') + 1), json]));
}

/** The digests that an activity refers to. */
export function digestsIn({
  tasks = [],
  results = [],
}: Pick<ActivityDocument, 'tasks' | 'results'>): readonly string[] {
  const values: (StoredValue | undefined)[] = [
    ...tasks.map((task) => task['results']),
    ...results.map((member) => member['value']),
  ];
  return values.flatMap((value) => (isTextBeside(value) ? [value.beside] : []));
}
