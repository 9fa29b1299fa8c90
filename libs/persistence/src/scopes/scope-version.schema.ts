import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';

export const SCOPE_VERSION_MODEL = 'ScopeVersion';

export interface StoredSecret {
  readonly name: string;
  readonly encrypted: string;
  readonly changedAt: Date;
}

export interface ScopeVersionDocument {
  /** `<version>@<scope>`: MongoDB lets there be only one. */
  readonly _id: string;
  readonly scope: string;
  readonly version: number;
  /** JSON: names and values are a user's. */
  readonly parameters: string;
  readonly secrets: readonly StoredSecret[];
  readonly createdAt: Date;
}

export const scopeVersionSchema = new Schema<ScopeVersionDocument>(
  {
    _id: String,
    scope: String,
    version: Number,
    parameters: String,
    secrets: [{ _id: false, name: String, encrypted: String, changedAt: Date }],
    createdAt: Date,
  },
  { ...STRICT_SCHEMA, collection: 'scope_versions' },
);

scopeVersionSchema.index({ scope: 1, version: -1 }, { name: 'by_scope' });
