import { BACKSLASH, COLON, isDigit, MINUS, QUOTE, skipSpace, stringEnd } from './scan.js';

/** Up to so many digits a double gives back what was written. */
const DIGITS_KEPT_MAX = 15;
const ZERO = 0x30;
const POINT = 0x2e;

/**
 * Whether `JSON.parse` loses nothing of a text: every number comes back from a double as it was
 * written, and no member has a name that JavaScript would put before others. One pass, which skips
 * strings at the speed of memory; text that is no JSON gets some answer.
 */
export function isPlainText(text: string): boolean {
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (mayBeIndex(text, at) && text.charCodeAt(skipSpace(text, end)) === COLON) return false;
      at = end;
    } else if (isDigit(code) || code === MINUS) {
      const end = numberEnd(text, at);
      if (!isKept(text, at, end)) return false;
      at = end;
    } else {
      at += 1;
    }
  }
  return true;
}

/** Whether the string that begins at `start` is digits alone, or could be once it is unescaped. */
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

/** The usual numbers, told without making a double and its text: 12, -3.25. */
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
