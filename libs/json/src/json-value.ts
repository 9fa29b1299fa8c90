import { ExactNumber } from './exact-number.js';

/** A JSON value, after parsing. Nothing changes one, so values are shared and not copied. */
export type JsonValue =
  | null
  | boolean
  | number
  | ExactNumber
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type JsonObject = Readonly<Record<string, JsonValue>>;

/** `Array.isArray` that knows readonly arrays. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** An exact number is none, although it is an object to JavaScript. */
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

/** Whether a value could have come out of `parseJson`. */
export function isJsonValue(value: unknown): value is JsonValue {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean';
  return value === null || value instanceof ExactNumber || Object.values(value).every(isJsonValue);
}

/** A member of an object, or undefined; never anything from its prototype. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * The double next to a number, for settings and whatever else is computed with; undefined for any
 * other value. Beyond the largest double it is infinite.
 */
export function doubleOf(value: unknown): number | undefined {
  if (value instanceof ExactNumber) return Number(value.text);
  return typeof value === 'number' ? value : undefined;
}
