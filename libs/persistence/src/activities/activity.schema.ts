import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';
import {
  type ActivityDocument,
  type EventDocument,
  type RefusalDocument,
} from './activity-document.js';

export const ACTIVITY_MODEL = 'Activity';
export const ACTIVITIES = 'activities';

const eventSchema = new Schema<EventDocument>(
  {
    id: String,
    source: String,
    type: String,
    subject: String,
    time: String,
    datacontenttype: String,
    dataschema: String,
    extensions: Schema.Types.Mixed,
    dataKind: String,
    data: Schema.Types.Mixed,
  },
  { ...STRICT_SCHEMA, _id: false },
);

const refusalSchema = new Schema<RefusalDocument>(
  {
    count: Number,
    firstAt: Date,
    lastAt: Date,
    eventId: String,
    source: String,
    remoteAddress: String,
  },
  { ...STRICT_SCHEMA, _id: false },
);

export const activitySchema = new Schema<ActivityDocument>(
  {
    _id: String,
    workflowId: String,
    workflowRevision: Number,
    trigger: String,
    status: String,
    revision: Number,
    createdAt: Date,
    event: eventSchema,
    run: Schema.Types.Mixed,
    tasks: [Schema.Types.Mixed],
    waitingFor: [Schema.Types.Mixed],
    failure: Schema.Types.Mixed,
    inbox: [Schema.Types.Mixed],
    wakeAt: Date,
    leaseOwner: String,
    takeovers: Number,
    commitId: String,
    conflicts: Number,
    refusal: refusalSchema,
    expiresAt: Date,
  },
  { ...STRICT_SCHEMA, collection: ACTIVITIES },
);

/** What a sweeper looks for. Partial, so it holds only what is not final. */
activitySchema.index(
  { wakeAt: 1 },
  { name: 'due', partialFilterExpression: { wakeAt: { $exists: true } } },
);
/** The two lists; the id breaks ties, so that a page can go on exactly where the last one ended. */
activitySchema.index({ workflowId: 1, createdAt: -1, _id: -1 }, { name: 'by_workflow' });
activitySchema.index({ status: 1, createdAt: -1, _id: -1 }, { name: 'by_status' });
/** Retention: MongoDB itself deletes what has expired. */
activitySchema.index(
  { expiresAt: 1 },
  {
    name: 'retention',
    expireAfterSeconds: 0,
    partialFilterExpression: { expiresAt: { $exists: true } },
  },
);
