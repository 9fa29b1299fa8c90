import { type mongo } from 'mongoose';
import { type MongoLink } from '../connection/mongo-link.js';
import { toStored } from '../storage/stored-fields.js';
import { type ActivityDocument } from './activity-document.js';
import { ACTIVITIES } from './activity.schema.js';
import { type RefusalGroup } from './refusal-batch.js';
import { RefusalBuffer, type RefusalBufferSettings } from './refusal-buffer.js';

/** Refusals in the collection of the activities, where each group is a failed activity. */
export class MongoRefusalStore extends RefusalBuffer {
  constructor(
    private readonly link: MongoLink,
    settings?: RefusalBufferSettings,
  ) {
    super(settings);
  }

  /** One upsert a group. After an answer that got lost, a count may be too high, never too low. */
  protected override async write(groups: readonly RefusalGroup[]): Promise<void> {
    await this.link.run('write refusals', (db) =>
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
}: RefusalGroup): mongo.AnyBulkWriteOperation<ActivityDocument> {
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
