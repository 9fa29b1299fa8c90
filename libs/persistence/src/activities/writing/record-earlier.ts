import { type MongoLink } from '../../connection/mongo-link.js';
import { type ActivityDocument, type RecordedDocument } from '../stored/activity-document.js';
import { ACTIVITIES } from '../stored/activity.schema.js';

/** What a dispatched activity is recorded with, besides its identity and what all new ones have. */
const REPLACED = [
  'workflowRevision',
  'trigger',
  'createdAt',
  'wakeAt',
  'event',
  'request',
  'requires',
  'gate',
  'quotaMonth',
] as const satisfies readonly (keyof RecordedDocument)[];

/**
 * Replaces the event of an activity that has not begun by an earlier one with the same identity, together with all that
 * came with it, in one write that holds all conditions. The write increments the lock version, so a first commit that
 * was computed from the replaced event does not take place.
 */
export async function recordEarlier(
  link: MongoLink,
  document: RecordedDocument,
): Promise<'replaced' | 'kept'> {
  const { _id, createdAt } = document;
  const values = REPLACED.map((name) => [name, document[name]] as const);
  const absent = values.filter(([, value]) => value === undefined);
  const { modifiedCount } = await link.run('record an earlier event', (db) =>
    db.collection<ActivityDocument>(ACTIVITIES).updateOne(
      {
        _id,
        status: 'queued',
        createdAt: { $gt: createdAt },
        run: { $exists: false },
        leaseOwner: { $exists: false },
        'inbox.0': { $exists: false },
      },
      {
        $set: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
        $unset: Object.fromEntries(absent.map(([name]) => [name, true])),
        $inc: { revision: 1 },
      },
    ),
  );
  return modifiedCount === 1 ? 'replaced' : 'kept';
}
