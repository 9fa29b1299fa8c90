import { type mongo } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { type Activity } from '../activity.js';
import { toDomain } from '../stored/activity-mapping.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { ACTIVITIES } from '../stored/activity.schema.js';
import { TextMissingError } from '../../storage/stored-fields.js';
import { readWhole, textsOf } from './read-whole.js';

type Settled = PromiseSettledResult<Activity | undefined>;

const GET = 'get an activity';

/**
 * Reads the activities of concurrent calls with one query, and their results in `results` with a second one: a query
 * for each would cost this process and MongoDB many times more than its answer. An activity that can't be read rejects
 * only the calls for it.
 *
 * @param projection leaves out fields
 */
export async function readTogether(
  link: MongoLink,
  ids: readonly string[],
  projection: mongo.Document = {},
): Promise<readonly Settled[]> {
  return link.run(GET, async (db) => {
    const wanted = [...new Set(ids)];
    const documents = await db
      .collection<ActivityDocument>(ACTIVITIES)
      // All of them are in its first answer, unless that is full.
      .find({ _id: { $in: wanted } }, { batchSize: wanted.length + 1, projection })
      .toArray();
    const texts = await textsOf(db, documents);
    const found = documents.map(async (document): Promise<[string, Settled]> => {
      const { _id: id } = document;
      const again = (): Promise<ActivityDocument | null> =>
        db.collection<ActivityDocument>(ACTIVITIES).findOne({ _id: id }, { projection });
      try {
        return [id, { status: 'fulfilled', value: toDomain(document, texts) }];
      } catch (reason) {
        // Its results were replaced or removed between the two queries.
        if (reason instanceof TextMissingError) return [id, await settled(readWhole(db, again))];
        return [id, { status: 'rejected', reason }];
      }
    });
    const byId = new Map(await Promise.all(found));
    return ids.map((id) => byId.get(id) ?? NONE);
  });
}

const NONE: Settled = { status: 'fulfilled', value: undefined };

async function settled(read: Promise<Activity | undefined>): Promise<Settled> {
  const [one] = await Promise.allSettled([read]);
  return one;
}
