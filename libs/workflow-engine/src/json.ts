import { isJsonArray, isJsonContainer, type JsonValue, toJsonText } from '@app/json';

/** A value inside a text: a string as it is, any other value as JSON (numbers as written). */
export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : toJsonText(value);
}

/**
 * About how many characters a value has as JSON, escapes not counted. Stops counting once it is
 * more than `charsMax`, so the cost is bounded too, even for a value that contains another often.
 */
export function charsOf(value: JsonValue, charsMax: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (!isJsonContainer(value)) return String(value).length;
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

/** The longest escape of one character in JSON: `\u0000`. */
const ESCAPE_CHARS_MAX = 6;

/**
 * Whether a value has no more characters than that as JSON, as it is stored: escapes count. The text of a value that
 * is so small that it fits with any escapes is not made.
 */
export function fitsAsJson(value: JsonValue, charsMax: number): boolean {
  const chars = charsOf(value, charsMax);
  if (chars * ESCAPE_CHARS_MAX <= charsMax) return true;
  return chars <= charsMax && toJsonText(value).length <= charsMax;
}
