import { type SchemaOptions } from 'mongoose';

/**
 * What all schemas have in common. A field that a schema does not name is an error, not a silent
 * loss; nothing waits in a buffer for a connection; indexes are made by `SchemaMigrator` alone.
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
