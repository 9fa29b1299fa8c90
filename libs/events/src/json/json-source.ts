const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;

/*
 * Finds parts of a JSON text without parsing it again, so that data goes on as the very text it
 * came as: numbers beyond what a double holds stay what they were, and nothing is serialized twice.
 *
 * Every function here is given text that `JSON.parse` has accepted, and relies on it. None recurses.
 */

/**
 * The text of the member `name` of the object that begins at `start`; of several, the last, which
 * is the one `JSON.parse` gives. Undefined when there is none.
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

/** Where each element of the array that begins at `start` begins. */
export function elementStarts(text: string, start: number): number[] {
  const starts: number[] = [];
  let at = skipSpace(text, start + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACKET) {
    starts.push(at);
    at = skipComma(text, valueEnd(text, at));
  }
  return starts;
}

/** Where the value begins that the whole text is. */
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
  let at = start;
  while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
  return at;
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

function stringEnd(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

/** Whether an odd number of backslashes comes before: of two, the first escapes the second. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

function skipComma(text: string, start: number): number {
  const at = skipSpace(text, start);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || isSpace(code);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
