import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  scalarEnd,
  skipSpace,
  stringEnd,
} from './scan.js';

/**
 * Strings and numbers that the outermost object of a text has under these names, in a text that need be no
 * JSON: what is readable of one that is cut off, beyond every bound, or has a NaN in it. Of several the last
 * counts; a number is its text. Linear, and without recursion, whatever the text.
 */
export function looseMembers(
  text: string,
  names: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let nesting = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      const colon = skipSpace(text, end);
      const name = nesting === 1 && text.charCodeAt(colon) === COLON && stringOf(text, at, end);
      at = end;
      if (typeof name === 'string' && names.has(name)) {
        at = skipSpace(text, colon + 1);
        const value = scalarOf(text, at);
        if (value !== undefined) found.set(name, value);
        if (text.charCodeAt(at) === QUOTE) at = stringEnd(text, at);
      }
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) nesting += 1;
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) nesting -= 1;
    at += 1;
  }
  return found;
}

function scalarOf(text: string, start: number): string | undefined {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return stringOf(text, start, stringEnd(text, start));
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return undefined;
  const end = scalarEnd(text, start);
  // Cut off, 12 would be 1.
  if (end === start || end === text.length) return undefined;
  const scalar = text.slice(start, end);
  return Number.isFinite(Number(scalar)) ? scalar : undefined;
}

/** What the string says; undefined where it is none. */
function stringOf(text: string, start: number, end: number): string | undefined {
  try {
    const value: unknown = JSON.parse(text.slice(start, end));
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
