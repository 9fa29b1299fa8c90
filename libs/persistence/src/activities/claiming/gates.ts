import { ACTIVITY_STATUSES } from '@app/workflow-engine';
import { type mongo } from 'mongoose';
import { type MongoLink } from '../../connection/mongo-link.js';
import { type ActivityDocument } from '../stored/activity-document.js';
import { IS_OPEN, ACTIVITIES } from '../stored/activity.schema.js';
import { gated } from '../stored/activity-mapping.js';
import { type UnsupportedRun } from '../activity-store.js';
import { OPEN_STATUSES } from '../writing/inbox.js';

/**
 * All gates that open activities have now; reading them costs one index key for each gate, however many activities
 * there are. A query that names the gates gets what is due in order, without a sort. Each gate costs it a scan of the
 * index for each status, so a query names no others.
 */
export async function gatesOf(
  activities: Pick<mongo.Collection, 'distinct'>,
): Promise<readonly string[]> {
  const query = { status: { $in: ACTIVITY_STATUSES }, gate: { $gt: '' }, ...IS_OPEN };
  return (await activities.distinct('gate', query)).map(String);
}

/** How many open activities have other gates than these; by the index alone. */
export async function countUnsupported(
  link: MongoLink,
  features: readonly string[],
  countMax: number,
): Promise<number> {
  const gate = { $gt: '', $nin: [...features] };
  return link.run('count what this build lacks', (db) =>
    db
      .collection<ActivityDocument>(ACTIVITIES)
      .countDocuments(
        { status: { $in: ACTIVITY_STATUSES }, gate, ...IS_OPEN },
        { limit: countMax },
      ),
  );
}

/** One conditional write. */
export async function leaveToOtherBuilds(
  link: MongoLink,
  { id, lockVersion, requires, stateVersion, wakeAt, owner }: UnsupportedRun,
): Promise<void> {
  await link.run('leave an activity to others', (db) =>
    db.collection<ActivityDocument>(ACTIVITIES).updateOne(
      {
        _id: id,
        revision: lockVersion,
        status: { $in: OPEN_STATUSES },
        leaseOwner: { $in: [null, owner] as unknown as string[] },
      },
      {
        $set: { ...gated(requires, stateVersion), wakeAt: new Date(wakeAt) },
        $unset: { leaseOwner: true },
        $inc: { revision: 1 },
      },
    ),
  );
}
