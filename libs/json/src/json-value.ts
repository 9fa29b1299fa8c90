import { ExactNumber } from './exact-number.js';

/** A parsed JSON value. Values are immutable, so they are shared and not copied. */
export type JsonValue =
  | null
  | boolean
  | number
  | ExactNumber
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type JsonObject = Readonly<Record<string, JsonValue>>;

/** `Array.isArray` for readonly arrays. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Whether a value is a JSON object. An `ExactNumber` is not, although JavaScript calls it an object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return isJsonContainer(value) && !isJsonArray(value);
}

export function isJsonContainer(
  value: JsonValue | undefined,
): value is readonly JsonValue[] | JsonObject {
  return typeof value === 'object' && value !== null && !(value instanceof ExactNumber);
}

export function isJsonNumber(value: unknown): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber;
}

/** Whether a value is one that `parseJson` can return. Recursive: the caller bounds the nesting. */
export function isJsonValue(value: unknown): value is JsonValue {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean';
  return value === null || value instanceof ExactNumber || Object.values(value).every(isJsonValue);
}

/** An own member of an object, or undefined; never a member of its prototype. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * The double nearest to a JSON number, for values that are computed with, such as settings. Infinite beyond the
 * largest double; undefined for a value that is no number.
 */
export function doubleOf(value: unknown): number | undefined {
  if (value instanceof ExactNumber) return Number(value.text);
  return typeof value === 'number' ? value : undefined;
}
