/** A JSON value, after parsing. The engine computes on these and never on serialized text. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type JsonObject = Readonly<Record<string, JsonValue>>;

/** `Array.isArray` that knows readonly arrays. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isJsonArray(value);
}

/** Whether a value could have come out of `JSON.parse`. */
export function isJsonValue(value: unknown): value is JsonValue {
  if (typeof value !== 'object' || value === null) {
    return ['string', 'boolean'].includes(typeof value) || value === null || Number.isFinite(value);
  }
  return Object.values(value).every(isJsonValue);
}

/** A member of an object, or undefined; never anything from its prototype. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A value as it stands inside a text: a string as it is, anything else as JSON. */
export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * About how many characters a value has as JSON, escapes not counted. Stops counting once it is
 * more than `charsMax`, so the cost is bounded too, even for a value that contains another often.
 */
export function charsOf(value: JsonValue, charsMax: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return String(value).length;
  let chars = 2;
  if (isJsonArray(value)) {
    for (const item of value) {
      chars += charsOf(item, charsMax - chars) + 1;
      if (chars > charsMax) return chars;
    }
    return chars;
  }
  for (const name of Object.keys(value)) {
    chars += name.length + 4 + charsOf(value[name] ?? null, charsMax - chars);
    if (chars > charsMax) return chars;
  }
  return chars;
}
