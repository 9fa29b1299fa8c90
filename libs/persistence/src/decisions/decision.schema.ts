import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';
import { type Decision } from './decision.js';

export const DECISION_MODEL = 'Decision';
export const DECISIONS = 'decisions';

export interface DecisionDocument extends Omit<Decision, 'at' | 'clauses'> {
  readonly _id: string;
  readonly at: Date;
  readonly lastAt: Date;
  readonly count: number;
  /** JSON text, because clauses contain JSON of users, and MongoDB could interpret the names in it. */
  readonly clauses?: string;
  readonly expiresAt: Date;
}

export const decisionSchema = new Schema<DecisionDocument>(
  {
    _id: String,
    at: Date,
    lastAt: Date,
    count: Number,
    outcome: String,
    code: String,
    workflowId: String,
    trigger: String,
    eventId: String,
    source: String,
    type: String,
    activityId: String,
    remoteAddress: String,
    clauses: String,
    expiresAt: Date,
  },
  { ...STRICT_SCHEMA, collection: DECISIONS },
);

decisionSchema.index({ eventId: 1, at: -1, _id: -1 }, { name: 'event' });
decisionSchema.index({ workflowId: 1, outcome: 1, at: -1, _id: -1 }, { name: 'workflow' });
decisionSchema.index({ outcome: 1, at: -1, _id: -1 }, { name: 'outcome' });
decisionSchema.index({ expiresAt: 1 }, { name: 'expired', expireAfterSeconds: 0 });
