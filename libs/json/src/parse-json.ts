import { isPlainText } from './is-plain-text.js';
import { type JsonValue } from './json-value.js';
import { parseExactly } from './parse-exactly.js';

/**
 * Parses JSON (RFC 8259) so that `toJsonText` gives back what was there, up to white space and the
 * escapes in strings. Where `JSON.parse` loses nothing, its value is taken; it also says what is no
 * JSON. Of members with one name the last counts, in the place of the first.
 *
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseJson(text: string): JsonValue {
  const value = JSON.parse(text) as JsonValue;
  return isPlainText(text) ? value : parseExactly(text);
}
