import { Buffer } from 'node:buffer';
import { parseJson, toJsonText } from '@app/json';

/** Anything that has members of its own, as the text it is stored as. */
export interface JsonText {
  readonly json: string;
}

/** The same, where the text lies in a document of its own; found by its digest. */
export interface TextBeside {
  readonly beside: string;
  readonly bytes: number;
}

/** The texts that lie beside a record, by digest. */
export type TextsBeside = ReadonlyMap<string, string>;

export type StoredValue = string | number | boolean | null | JsonText | TextBeside;
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

/**
 * The record that `toStored` was given; the caller names its type.
 * @throws TextMissingError when a text that lies beside it is not among `texts`
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

/** What is referred to is not there: it may just have been removed together with its record. */
export class TextMissingError extends Error {
  constructor(digest: string) {
    super(`The text ${digest} is not beside its record`);
    this.name = new.target.name;
  }
}

/** About how many bytes the fields take in MongoDB, without what lies beside them. */
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
