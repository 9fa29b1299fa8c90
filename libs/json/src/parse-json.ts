import { beyondDetail, type JsonLimits } from './json-limits.js';
import { type JsonValue } from './json-value.js';
import { parseExactly } from './parse-exactly.js';
import { scanText } from './scan-text.js';

export type BoundedParse =
  | { readonly kind: 'parsed'; readonly value: JsonValue }
  /** `detail` names the bound and its setting. */
  | { readonly kind: 'beyond'; readonly detail: string };

const UNBOUNDED: JsonLimits = { nestingMax: Infinity, membersMax: Infinity };

/**
 * Parses JSON (RFC 8259) so that `toJsonText` gives back what was there, up to white space and the
 * escapes in strings. Where `JSON.parse` loses nothing, its value is taken; it also says what is no
 * JSON. Of members with one name the last counts, in the place of the first.
 *
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseJson(text: string): JsonValue {
  return parsed(text, scanText(text, UNBOUNDED).isPlain);
}

/**
 * As `parseJson`, but text that is beyond the limits is not even parsed, so that it costs no more
 * memory than it has itself.
 *
 * @throws SyntaxError
 */
export function parseJsonWithin(text: string, limits: JsonLimits): BoundedParse {
  const { isPlain, beyond } = scanText(text, limits);
  if (beyond === undefined) return { kind: 'parsed', value: parsed(text, isPlain) };
  return { kind: 'beyond', detail: beyondDetail(beyond, limits[beyond]) };
}

function parsed(text: string, isPlain: boolean): JsonValue {
  const value = JSON.parse(text) as JsonValue;
  return isPlain ? value : parseExactly(text);
}
