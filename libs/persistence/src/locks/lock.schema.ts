import { Schema } from 'mongoose';
import { type TurnedAway } from './lock-store.js';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';

export const LOCK_MODEL = 'Lock';
export const SLOT_MODEL = 'Slot';

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
  /** Of a slot: how many may have it. */
  readonly limit?: number;
  readonly throttleMs?: number;
  readonly notBefore?: Date;
  readonly turnedAway?: TurnedAway;
}

/** The one that has it. */
export interface HeldDocument extends LockDocument {
  readonly held: true;
  readonly grantedAt: Date;
  readonly isTold: boolean;
  /** Of a slot: which one it has, from 0. */
  readonly seat?: number;
}

function schemaOf(collection: string): Schema<LockDocument & Partial<HeldDocument>> {
  const schema = new Schema<LockDocument & Partial<HeldDocument>>(
    {
      _id: String,
      lock: String,
      activity: String,
      task: String,
      attempt: Number,
      askedAt: Date,
      leaseMs: Number,
      limit: Number,
      throttleMs: Number,
      notBefore: Date,
      turnedAway: Schema.Types.Mixed,
      held: Boolean,
      seat: Number,
      grantedAt: Date,
      isTold: Boolean,
      lookAt: Date,
    },
    { ...STRICT_SCHEMA, collection },
  );
  schema.index({ lock: 1, askedAt: 1, _id: 1 }, { name: 'queue' });
  schema.index({ lookAt: 1 }, { name: 'look' });
  return schema;
}

export const lockSchema = schemaOf('locks');
/** Apart from locks, which builds that know of no slots look at. */
export const slotSchema = schemaOf('slots');

/** One has it: MongoDB refuses a second. */
lockSchema.index(
  { lock: 1 },
  { name: 'holder', unique: true, partialFilterExpression: { held: true } },
);

/** One has each of them. With `held`, so that which are taken is read from the index alone. */
slotSchema.index(
  { lock: 1, held: 1, seat: 1 },
  { name: 'holder', unique: true, partialFilterExpression: { held: true } },
);
/** With `held`, because those who have one, who may be many, asked before those who wait. */
slotSchema.index({ lock: 1, held: 1, askedAt: 1, _id: 1 }, { name: 'waiting' });
slotSchema.index({ lock: 1 }, { name: 'untold', partialFilterExpression: { isTold: false } });
