import { type MongoLink } from '../../connection/mongo-link.js';
import { type ActivityDocument, type RecordedDocument } from '../stored/activity-document.js';
import { ACTIVITIES } from '../stored/activity.schema.js';

/**
 * Replaces the event of an activity that has not begun by an earlier one with the same identity, in one write
 * that holds all conditions. The write increments the lock version, so a first commit that was computed from
 * the replaced event does not take place.
 */
export async function recordEarlier(
  link: MongoLink,
  document: RecordedDocument,
): Promise<'replaced' | 'kept'> {
  const { _id, workflowRevision, trigger, createdAt, wakeAt, event, requires, gate } = document;
  const required = requires && gate !== undefined ? { requires, gate } : {};
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
        $set: {
          workflowRevision,
          trigger,
          createdAt,
          event,
          ...(wakeAt && { wakeAt }),
          ...required,
        },
        ...(gate === undefined && { $unset: { requires: true, gate: true } }),
        $inc: { revision: 1 },
      },
    ),
  );
  return modifiedCount === 1 ? 'replaced' : 'kept';
}
