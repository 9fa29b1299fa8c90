import { Schema, type mongo } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';
import { type DeadLetter } from './dead-letter-store.js';

export const DEAD_LETTER_MODEL = 'DeadLetter';

export interface DeadLetterDocument extends Omit<
  DeadLetter,
  'id' | 'headers' | 'payload' | 'at' | 'dispensable'
> {
  readonly _id: string;
  /** JSON text, because senders choose the names, and MongoDB would interpret some of them. */
  readonly headers: string;
  readonly payload: mongo.Binary;
  readonly at: Date;
  /** Absent on letters of release 0.1, which are not dispensable. */
  readonly dispensable?: boolean;
}

export const deadLetterSchema = new Schema<DeadLetterDocument>(
  {
    _id: String,
    stream: String,
    subject: String,
    sequence: Number,
    deliveries: Number,
    headers: String,
    payload: Schema.Types.Mixed,
    code: String,
    reason: String,
    at: Date,
    dispensable: Boolean,
  },
  { ...STRICT_SCHEMA, collection: 'dead_letters' },
);

deadLetterSchema.index({ at: -1, _id: -1 }, { name: 'newest' });
/** The order in which dispensable letters are deleted. */
deadLetterSchema.index(
  { at: 1, _id: 1 },
  { name: 'dispensable', partialFilterExpression: { dispensable: true } },
);
