import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';

export const CORRELATED_EVENT_MODEL = 'CorrelatedEvent';
export const CORRELATED_EVENTS = 'correlated_events';

export interface CorrelatedEventDocument {
  readonly _id: string;
  readonly isNamed: boolean;
  readonly workflowId: string;
  /** `waitKeyOf` of topic and key. */
  readonly wait: string;
  readonly topic: string;
  readonly correlationKey: string;
  readonly outcome: 'succeeded' | 'failed';
  /** JSON text. */
  readonly payload?: string;
  /** JSON text. */
  readonly attributes?: string;
  readonly content: string;
  readonly bytes: number;
  readonly at: Date;
  /** Set until the event is `done`. */
  readonly open?: true;
  /** The activities it is given to; absent while it is `kept`. */
  readonly activities?: readonly string[];
  /** Set when a process other than the one that claimed it signals the activities, too: the token of the last that does. */
  readonly resumed?: string;
  readonly expiresAt: Date;
}

export const correlatedEventSchema = new Schema<CorrelatedEventDocument>(
  {
    _id: String,
    isNamed: Boolean,
    workflowId: String,
    wait: String,
    topic: String,
    correlationKey: String,
    outcome: String,
    payload: String,
    attributes: String,
    content: String,
    bytes: Number,
    at: Date,
    open: Boolean,
    activities: { type: [String], default: undefined },
    resumed: String,
    expiresAt: Date,
  },
  { ...STRICT_SCHEMA, collection: CORRELATED_EVENTS },
);

/** The events for a wait, oldest first. */
correlatedEventSchema.index(
  { workflowId: 1, wait: 1, at: 1, _id: 1 },
  { name: 'pending', partialFilterExpression: { open: true } },
);
/** The number and bytes of a workflow's events are answered from this index alone. */
correlatedEventSchema.index(
  { workflowId: 1, open: 1, bytes: 1 },
  { name: 'held', partialFilterExpression: { open: true } },
);
correlatedEventSchema.index({ expiresAt: 1 }, { name: 'expired', expireAfterSeconds: 0 });
