import { Buffer } from 'node:buffer';
import { parseJson, toJsonText } from '@app/json';

/** The stored form of an object or array: its JSON text. */
export interface JsonText {
  readonly json: string;
}

/** The stored form of a large object or array, whose text is a document of its own, found by its digest. */
export interface TextBeside {
  readonly beside: string;
  readonly bytes: number;
}

/** The texts of a record that are documents of their own, by digest. */
export type TextsBeside = ReadonlyMap<string, string>;

export type StoredValue = string | number | boolean | null | JsonText | TextBeside;
export type StoredFields = Readonly<Record<string, StoredValue>>;

/**
 * The stored form of a record whose field names are fixed and whose values may come from users. Scalars stay BSON, so
 * that the record can be read and queried; objects and arrays become JSON text. As BSON, a user's key such as
 * `_bsontype`, `$ref` or one with a dot would change its meaning or fail the whole batch; a text also keeps numbers
 * and the order of members. New fields of a record need no change here.
 * @param except names of fields that are left out
 */
export function toStored(record: object, except: readonly string[] = []): StoredFields {
  const fields: Record<string, StoredValue> = {};
  for (const name of Object.keys(record)) {
    const value = (record as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && !except.includes(name)) fields[name] = toStoredValue(value);
  }
  return fields;
}

/**
 * The record that `toStored` was given; the caller names its type.
 * @throws TextMissingError when the record refers to a text that `texts` lacks
 */
export function fromStored(fields: StoredFields, texts?: TextsBeside): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) record[name] = fromStoredValue(value, texts);
  return record;
}

export function fromStoredValue(value: StoredValue, texts?: TextsBeside): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('json' in value) return parseJson(value.json);
  const text = texts?.get(value.beside);
  if (text === undefined) throw new TextMissingError(value.beside);
  return parseJson(text);
}

/** A text that the record refers to is missing. It may have been removed together with its record since the read. */
export class TextMissingError extends Error {
  constructor(digest: string) {
    super(`The text ${digest} is not beside its record`);
    this.name = new.target.name;
  }
}

/** About how many bytes the fields take in MongoDB, without texts that are documents of their own. */
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

export function toStoredValue(value: unknown): StoredValue {
  if (typeof value === 'object' && value !== null) return { json: toJsonText(value) };
  return value as StoredValue;
}

export function isJsonText(value: StoredValue | undefined): value is JsonText {
  return typeof value === 'object' && value !== null && 'json' in value;
}

export function isTextBeside(value: StoredValue | undefined): value is TextBeside {
  return typeof value === 'object' && value !== null && 'beside' in value;
}
