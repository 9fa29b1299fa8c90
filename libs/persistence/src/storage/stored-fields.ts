import { Buffer } from 'node:buffer';
import { parseJson, toJsonText } from '@app/json';

/** Anything that has members of its own, as the text it is stored as. */
export interface JsonText {
  readonly json: string;
}

export type StoredValue = string | number | boolean | null | JsonText;
export type StoredFields = Readonly<Record<string, StoredValue>>;

/**
 * The stored form of a record whose field names are ours but whose values may be anybody's.
 * Scalars stay BSON, so that the record can be read and queried; objects and arrays become JSON
 * text. As BSON, a sender's key such as `_bsontype`, `$ref` or one with a dot would change its
 * meaning or spoil the whole batch it is written in; text also keeps numbers and member order.
 * A field that is added to the record later needs nothing here.
 * The fields named in `except` are left out.
 */
export function toStored(record: object, except: readonly string[] = []): StoredFields {
  const fields: Record<string, StoredValue> = {};
  for (const name of Object.keys(record)) {
    const value = (record as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && !except.includes(name)) fields[name] = toStoredValue(value);
  }
  return fields;
}

/** The record that `toStored` was given; the caller names its type. */
export function fromStored(fields: StoredFields): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    record[name] = isJsonText(value) ? parseJson(value.json) : value;
  }
  return record;
}

/** About how many bytes the fields take in MongoDB. */
export function storedBytes(fields: Readonly<Record<string, StoredValue | undefined>>): number {
  let bytes = 0;
  for (const name of Object.keys(fields)) {
    const value = fields[name] ?? null;
    bytes += name.length + 16;
    if (typeof value === 'string') bytes += Buffer.byteLength(value);
    else if (isJsonText(value)) bytes += Buffer.byteLength(value.json);
  }
  return bytes;
}

function toStoredValue(value: unknown): StoredValue {
  if (typeof value === 'object' && value !== null) return { json: toJsonText(value) };
  return value as StoredValue;
}

function isJsonText(value: StoredValue): value is JsonText {
  return typeof value === 'object' && value !== null;
}
