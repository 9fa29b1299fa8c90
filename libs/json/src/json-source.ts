import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  scalarEnd,
  skipSpace,
  stringEnd,
} from './scan.js';

/*
 * Finds parts of a JSON text without parsing it again, so that data is passed on as the text in which it came:
 * numbers beyond a double keep their digits, and nothing is serialized twice.
 *
 * Every function requires a text that `JSON.parse` has accepted. None is recursive.
 */

/**
 * The text of the member `name` of the object that begins at `start`; undefined when there is none. If the name
 * occurs several times, the last member counts, as for `JSON.parse`.
 */
export function memberText(text: string, start: number, name: string): string | undefined {
  let found: string | undefined;
  let at = skipSpace(text, start + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACE) {
    const keyEnd = stringEnd(text, at);
    const isWanted = isKey(text, at, keyEnd, name);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = valueEnd(text, valueStart);
    if (isWanted) found = text.slice(valueStart, end);
    at = skipComma(text, end);
  }
  return found;
}

/** The positions at which the elements of the array at `start` begin. */
export function elementStarts(text: string, start: number): number[] {
  const starts: number[] = [];
  let at = skipSpace(text, start + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACKET) {
    starts.push(at);
    at = skipComma(text, valueEnd(text, at));
  }
  return starts;
}

/** The position at which the value of the whole text begins. */
export function valueStart(text: string): number {
  return skipSpace(text, 0);
}

function isKey(text: string, start: number, end: number, name: string): boolean {
  const inner = text.slice(start + 1, end - 1);
  return inner === name || (inner.includes('\\') && JSON.parse(`"${inner}"`) === name);
}

function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return stringEnd(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return containerEnd(text, start);
  return scalarEnd(text, start);
}

function containerEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    at += 1;
  } while (depth > 0);
  return at;
}

function skipComma(text: string, start: number): number {
  const at = skipSpace(text, start);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}
