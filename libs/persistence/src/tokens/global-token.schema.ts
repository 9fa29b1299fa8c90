import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';

export const GLOBAL_TOKEN_MODEL = 'GlobalToken';

export interface GlobalTokenDocument {
  /** `first` for the first of all, so that MongoDB lets there be only one. */
  readonly _id: string;
  readonly id: string;
  readonly hash: string;
  readonly createdAt: Date;
}

export const globalTokenSchema = new Schema<GlobalTokenDocument>(
  { _id: String, id: String, hash: String, createdAt: Date },
  { ...STRICT_SCHEMA, id: false, collection: 'tokens' },
);
