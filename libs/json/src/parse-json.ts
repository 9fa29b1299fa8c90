import { beyondDetail, type JsonLimits } from './json-limits.js';
import { type JsonValue } from './json-value.js';
import { parseExactly } from './parse-exactly.js';
import { scanText } from './scan-text.js';

export type BoundedParse =
  | { readonly kind: 'parsed'; readonly value: JsonValue }
  /** `detail` names the exceeded limit and its setting. */
  | { readonly kind: 'beyond'; readonly detail: string };

const UNBOUNDED: JsonLimits = { nestingMax: Infinity, membersMax: Infinity };

/**
 * Parses JSON (RFC 8259) without loss: `toJsonText` returns the same text, except for white space and escapes in
 * strings. If `JSON.parse` loses nothing, its value is returned. If a name occurs several times, it has the value of
 * the last member and the position of the first.
 *
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseJson(text: string): JsonValue {
  return parsed(text, scanText(text, UNBOUNDED).isPlain);
}

/**
 * Like `parseJson`, but a text beyond the limits is not parsed, so that it takes no memory besides its own.
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
