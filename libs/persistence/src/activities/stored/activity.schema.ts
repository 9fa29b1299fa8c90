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
 * Open activities (not final, or with undelivered outbox entries) by status, by requirement, and in the
 * order in which they are due: for the sweepers, the backlog and the lists of open activities. The index
 * is partial, so a finished activity has no key in it. Most activities require nothing; each requirement
 * that an executor lacks costs its claim one step in the index. What is due at the same instant is in the order in
 * which it was accepted, as on the pages of the collection; by their ids, which are hashes, each would be on another
 * page (docs/adr/0052).
 */
activitySchema.index(
  { status: 1, gate: 1, wakeAt: 1, createdAt: 1, _id: 1 },
  { name: 'open', partialFilterExpression: { wakeAt: { $exists: true } } },
);
/** All activities of a workflow, newest first. The id breaks ties, so that a page begins exactly where the last ended. */
activitySchema.index({ workflowId: 1, createdAt: -1, _id: -1 }, { name: 'by_workflow' });
/** Activities that need attention: failed, cancelled, timed out or rejected. Only those have a `failure`. */
activitySchema.index(
  { status: 1, refused: 1, createdAt: -1, _id: -1 },
  { name: 'attention', partialFilterExpression: { failure: { $exists: true } } },
);
activitySchema.index(
  { workflowId: 1, status: 1, refused: 1, createdAt: -1, _id: -1 },
  { name: 'attention_by_workflow', partialFilterExpression: { failure: { $exists: true } } },
);

/** The activities that the tasks of a run have begun, oldest first. */
activitySchema.index(
  { 'parent.activity': 1, createdAt: 1, _id: 1 },
  { name: 'by_parent', partialFilterExpression: { 'parent.activity': { $exists: true } } },
);

/** Activities that wait for an event by correlation key; no others have a key in this index. */
activitySchema.index(
  { workflowId: 1, openWaits: 1, _id: 1 },
  { name: 'by_open_wait', partialFilterExpression: { openWaits: { $exists: true } } },
);

/** Activities that count against a monthly quota of their workflow; no others have a key in this index. */
activitySchema.index(
  { workflowId: 1, quotaMonth: 1 },
  { name: 'by_quota', partialFilterExpression: { quotaMonth: { $exists: true } } },
);

/** Indexes of earlier releases, by collection. They are dropped some time after an upgrade. */
export const RETIRED_INDEXES: Readonly<Record<string, readonly string[]>> = {
  [ACTIVITIES]: ['due', 'by_status', 'retention'],
};

// MongoDB uses a partial index only if the query repeats its filter. Each of these conditions holds for
// every activity that such a query wants, so it excludes nothing.

/**
 * Every open activity has a `wakeAt`. The condition is a range, because the index alone can answer it;
 * `$exists` would read the documents.
 */
export const IS_OPEN = { wakeAt: { $gte: new Date(0) } } as const;

/** Exactly the activities that failed, were cancelled, timed out or were rejected have a `failure`. */
export const NEEDS_ATTENTION = { failure: { $exists: true } } as const;
