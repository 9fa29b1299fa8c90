import { type JsonLimits } from './json-limits.js';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isDigit,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  stringEnd,
} from './scan.js';

/** What one pass over a JSON text finds before the text is parsed. */
export interface TextScan {
  /**
   * Whether `JSON.parse` loses nothing: a double preserves the text of every number, and no member has a name that
   * JavaScript would move to the front.
   */
  readonly isPlain: boolean;
  /** The first limit that is exceeded, where the scan ended; absent when there is none. */
  readonly beyond: keyof JsonLimits | undefined;
}

/** A double preserves every decimal of up to this many digits. */
const DIGITS_KEPT_MAX = 15;
const ZERO = 0x30;
const POINT = 0x2e;

/** Scans a JSON text in linear time. The result for a text that is no JSON is unspecified. */
export function scanText(text: string, { nestingMax, membersMax }: JsonLimits): TextScan {
  let isPlain = true;
  let nesting = 0;
  let members = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (isPlain && mayBeIndex(text, at)) isPlain = !isName(text, end);
      at = end;
      continue;
    }
    if (isDigit(code) || code === MINUS) {
      const end = numberEnd(text, at);
      if (isPlain) isPlain = isKept(text, at, end);
      at = end;
      continue;
    }
    at += 1;
    if (code === COMMA) members += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) nesting -= 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      nesting += 1;
      if (nesting > nestingMax) return { isPlain, beyond: 'nestingMax' };
      if (!isEmpty(text, at)) members += 1;
    }
    if (members > membersMax) return { isPlain, beyond: 'membersMax' };
  }
  return { isPlain, beyond: undefined };
}

function isName(text: string, end: number): boolean {
  return text.charCodeAt(skipSpace(text, end)) === COLON;
}

/** Whether the container that was opened before `at` is empty. */
function isEmpty(text: string, at: number): boolean {
  const code = text.charCodeAt(skipSpace(text, at));
  return code === CLOSE_BRACE || code === CLOSE_BRACKET;
}

/** Whether the string that begins at `start` consists of digits only, or may after unescaping. */
function mayBeIndex(text: string, start: number): boolean {
  let at = start + 1;
  while (isDigit(text.charCodeAt(at))) at += 1;
  const code = text.charCodeAt(at);
  return code === BACKSLASH || (code === QUOTE && at > start + 1);
}

function numberEnd(text: string, start: number): number {
  let at = start + 1;
  while (isOfNumber(text.charCodeAt(at))) at += 1;
  return at;
}

/** A digit, a point, an exponent or its sign. */
function isOfNumber(code: number): boolean {
  return (
    isDigit(code) || code === POINT || (code | 0x20) === 0x65 || code === 0x2b || code === MINUS
  );
}

function isKept(text: string, start: number, end: number): boolean {
  return isPlainlyKept(text, start, end) || isGivenBack(text.slice(start, end));
}

/** Recognizes usual numbers, such as 12 and -3.25, without converting them to a double and back. */
function isPlainlyKept(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start) === MINUS ? start + 1 : start;
  if (end - first > DIGITS_KEPT_MAX) return false;
  let point = -1;
  for (let at = first; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) continue;
    if (code !== POINT || point !== -1) return false;
    point = at;
  }
  // 0 and -0 look alike as doubles; 0.0000001 is written as 1e-7.
  if (text.charCodeAt(first) === ZERO) return end === start + 1;
  return point === -1 || text.charCodeAt(end - 1) !== ZERO;
}

function isGivenBack(number: string): boolean {
  return String(Number(number)) === number;
}
