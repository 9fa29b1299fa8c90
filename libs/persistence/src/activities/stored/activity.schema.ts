import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../../storage/strict-schema.js';
import {
  type ActivityDocument,
  type EventDocument,
  type RejectedRequestDocument,
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

const rejectedRequestSchema = new Schema<RejectedRequestDocument>(
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
    requires: { type: [String], default: undefined },
    stateVersion: Number,
    gate: String,
    trigger: String,
    status: String,
    revision: Number,
    createdAt: Date,
    event: eventSchema,
    request: Schema.Types.Mixed,
    parent: Schema.Types.Mixed,
    retryOf: Schema.Types.Mixed,
    run: Schema.Types.Mixed,
    tasks: [Schema.Types.Mixed],
    results: { type: [Schema.Types.Mixed], default: undefined },
    besideBytes: Number,
    waitingFor: [Schema.Types.Mixed],
    failure: Schema.Types.Mixed,
    openWaits: { type: [String], default: undefined },
    inbox: [Schema.Types.Mixed],
    outbox: { type: [Schema.Types.Mixed], default: undefined },
    undelivered: { type: [Schema.Types.Mixed], default: undefined },
    notBefore: Date,
    wakeAt: Date,
    leaseOwner: String,
    takeovers: Number,
    commitId: String,
    conflicts: Number,
    descendants: Number,
    quotaMonth: Number,
    refusal: rejectedRequestSchema,
    refused: Boolean,
    expiresAt: Date,
  },
  { ...STRICT_SCHEMA, collection: ACTIVITIES },
);

/**
 * What is not over (or has still something to deliver), by status, by what a build must have for it, and in the order in which it is due:
 * for the sweepers, the backlog and the lists of what is open. Partial, so what is over has no key in
 * it. Most requires nothing; what an executor lacks costs its claims one step in the index.
 */
activitySchema.index(
  { status: 1, gate: 1, wakeAt: 1, _id: 1 },
  { name: 'open', partialFilterExpression: { wakeAt: { $exists: true } } },
);
/** All of a workflow, newest first; the id breaks ties, so that a page goes on where one ended. */
activitySchema.index({ workflowId: 1, createdAt: -1, _id: -1 }, { name: 'by_workflow' });
/** What needs attention: failed, cancelled, timed out, refused. Only those have a `failure`. */
activitySchema.index(
  { status: 1, refused: 1, createdAt: -1, _id: -1 },
  { name: 'attention', partialFilterExpression: { failure: { $exists: true } } },
);
activitySchema.index(
  { workflowId: 1, status: 1, refused: 1, createdAt: -1, _id: -1 },
  { name: 'attention_by_workflow', partialFilterExpression: { failure: { $exists: true } } },
);

/** What the tasks of a run have begun, in the order it came. */
activitySchema.index(
  { 'parent.activity': 1, createdAt: 1, _id: 1 },
  { name: 'by_parent', partialFilterExpression: { 'parent.activity': { $exists: true } } },
);

/** What waits for an event by a key. What does not has no key in it. */
activitySchema.index(
  { workflowId: 1, openWaits: 1, _id: 1 },
  { name: 'by_open_wait', partialFilterExpression: { openWaits: { $exists: true } } },
);

/** What counts in the month's quota of its workflow. What counts in none has no key in it. */
activitySchema.index(
  { workflowId: 1, quotaMonth: 1 },
  { name: 'by_quota', partialFilterExpression: { quotaMonth: { $exists: true } } },
);

/** What earlier releases had; dropped some time after an upgrade. */
export const RETIRED_INDEXES: Readonly<Record<string, readonly string[]>> = {
  [ACTIVITIES]: ['due', 'by_status', 'retention'],
};

/**
 * What a query must say so that MongoDB takes a partial index (see activity.schema.ts): each is true
 * of all the query is about, which MongoDB can't know by itself.
 */

/**
 * Whatever is not final, or has still something to deliver, has a wake-up; as a range, the index alone
 * can tell.
 */
export const IS_OPEN = { wakeAt: { $gte: new Date(0) } } as const;

/** Whatever failed, was cancelled, timed out or was refused has a failure, and nothing else has. */
export const NEEDS_ATTENTION = { failure: { $exists: true } } as const;
