import { type SchemaOptions } from 'mongoose';

/**
 * The options of all schemas. A field that a schema does not name is an error and not dropped silently; no operation is
 * buffered while there is no connection; only `SchemaMigrator` creates indexes.
 */
export const STRICT_SCHEMA = {
  strict: 'throw',
  strictQuery: 'throw',
  minimize: false,
  versionKey: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
} as const satisfies SchemaOptions;
