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
 * The string and number members with these names of the outermost object in a text. The text need not be valid JSON:
 * it may be cut off, exceed every limit, or contain NaN. If a name occurs several times, the last member counts. A
 * number is given as its text. Linear in the text and not recursive.
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
  // A number at the end of the text may be cut off: 12 would be read as 1.
  if (end === start || end === text.length) return undefined;
  const scalar = text.slice(start, end);
  return Number.isFinite(Number(scalar)) ? scalar : undefined;
}

/** The value of a string literal; undefined if it is malformed. */
function stringOf(text: string, start: number, end: number): string | undefined {
  try {
    const value: unknown = JSON.parse(text.slice(start, end));
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
