import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';

export const LOCK_MODEL = 'Lock';

/** A request for a lock. */
export interface LockDocument {
  readonly _id: string;
  readonly lock: string;
  readonly activity: string;
  readonly task: string;
  readonly attempt: number;
  readonly askedAt: Date;
  readonly leaseMs?: number;
  readonly lookAt: Date;
  readonly held?: true;
}

/** The one that has it. */
export interface HeldDocument extends LockDocument {
  readonly held: true;
  readonly grantedAt: Date;
  readonly isTold: boolean;
}

export const lockSchema = new Schema<LockDocument & Partial<HeldDocument>>(
  {
    _id: String,
    lock: String,
    activity: String,
    task: String,
    attempt: Number,
    askedAt: Date,
    leaseMs: Number,
    held: Boolean,
    grantedAt: Date,
    isTold: Boolean,
    lookAt: Date,
  },
  { ...STRICT_SCHEMA, collection: 'locks' },
);

/** One has it: MongoDB refuses a second. */
lockSchema.index(
  { lock: 1 },
  { name: 'holder', unique: true, partialFilterExpression: { held: true } },
);
lockSchema.index({ lock: 1, askedAt: 1, _id: 1 }, { name: 'queue' });
lockSchema.index({ lookAt: 1 }, { name: 'look' });
