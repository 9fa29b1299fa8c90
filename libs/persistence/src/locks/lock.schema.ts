import { Schema } from 'mongoose';
import { type LockRejection } from './lock-store.js';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';

export const LOCK_MODEL = 'Lock';
export const SLOT_MODEL = 'Slot';

/**
 * A request for a lock; its `_id` is `idOfAsker`. The stored names `turnedAway`, `isTold` and the index `untold` are of
 * an earlier build: builds that run side by side must read and write the same fields.
 */
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
  /** Of a slot: the most holders there may be. */
  readonly limit?: number;
  readonly throttleMs?: number;
  readonly notBefore?: Date;
  /** The rejection of the request. */
  readonly turnedAway?: LockRejection;
}

/** A holder of a lock. */
export interface HeldDocument extends LockDocument {
  readonly held: true;
  readonly grantedAt: Date;
  /** Whether the activity has its signal (`isSignalled`). */
  readonly isTold: boolean;
  /** Of a slot: the number of the seat, from 0. */
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
/** In a collection of its own, because older builds, which know no slots, take everything in `locks` for a lock. */
export const slotSchema = schemaOf('slots');

/** A unique index: MongoDB refuses a second holder of a lock. */
lockSchema.index(
  { lock: 1 },
  { name: 'holder', unique: true, partialFilterExpression: { held: true } },
);

/** One holder for each seat. `held` is in the key so that the taken seats are read from the index alone. */
slotSchema.index(
  { lock: 1, held: 1, seat: 1 },
  { name: 'holder', unique: true, partialFilterExpression: { held: true } },
);
/** `held` is in the key so that a search for the first waiting request skips the holders, who may be many. */
slotSchema.index({ lock: 1, held: 1, askedAt: 1, _id: 1 }, { name: 'waiting' });
slotSchema.index({ lock: 1 }, { name: 'untold', partialFilterExpression: { isTold: false } });
