import { type mongo } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { toStored } from '../storage/stored-fields.js';
import { type ActivityDocument } from '../activities/stored/activity-document.js';
import { ACTIVITIES } from '../activities/stored/activity.schema.js';
import { type RejectedRequestGroup } from './rejected-request-batch.js';
import {
  RejectedRequestBuffer,
  type RejectedRequestBufferSettings,
} from './rejected-request-buffer.js';

/** Rejected requests in the collection of the activities, where each group is a failed activity. */
export class MongoRejectedRequestStore extends RejectedRequestBuffer {
  constructor(
    private readonly link: MongoLink,
    settings?: RejectedRequestBufferSettings,
  ) {
    super(settings);
  }

  /** One upsert for each group. After a lost answer a count may be too high, never too low. */
  protected override async write(groups: readonly RejectedRequestGroup[]): Promise<void> {
    await this.link.run('write rejected requests', (db) =>
      db.collection<ActivityDocument>(ACTIVITIES).bulkWrite(
        groups.map((group) => toUpsert(group)),
        { ordered: false },
      ),
    );
  }
}

function toUpsert({
  id,
  first,
  count,
  firstAt,
  lastAt,
}: RejectedRequestGroup): mongo.AnyBulkWriteOperation<ActivityDocument> {
  return {
    updateOne: {
      filter: { _id: id },
      update: {
        $inc: { 'refusal.count': count, revision: 1 },
        $min: { 'refusal.firstAt': new Date(firstAt) },
        $max: { 'refusal.lastAt': new Date(lastAt) },
        $setOnInsert: {
          workflowId: first.workflowId,
          workflowRevision: 0,
          trigger: first.trigger,
          status: 'failed',
          createdAt: new Date(firstAt),
          inbox: [],
          refused: true,
          failure: toStored({ level: 'workflow', code: first.code, message: first.message }),
          'refusal.eventId': first.eventId,
          'refusal.source': first.source,
          'refusal.remoteAddress': first.remoteAddress,
        },
      },
      upsert: true,
    },
  };
}
