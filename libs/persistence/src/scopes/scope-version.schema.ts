import { Schema } from 'mongoose';
import { STRICT_SCHEMA } from '../storage/strict-schema.js';

export const SCOPE_VERSION_MODEL = 'ScopeVersion';

export interface StoredSecret {
  readonly name: string;
  readonly encrypted: string;
  readonly changedAt: Date;
}

export interface ScopeVersionDocument {
  /** `<version>@<scope>`, so that a version is unique. */
  readonly _id: string;
  readonly scope: string;
  readonly version: number;
  /** JSON text, because names and values come from users. */
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
