import { Buffer } from 'node:buffer';
import { CursorInvalidError } from '../errors.js';

/** The position at which a page of a list ended, as an opaque text for callers. */
export function toCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * The position of a cursor; `kinds` are the types that its parts must have.
 * @throws CursorInvalidError
 */
export function fromCursor(cursor: string, kinds: readonly string[]): readonly unknown[] {
  const place = parse(cursor);
  if (!Array.isArray(place) || place.length !== kinds.length) throw new CursorInvalidError();
  const parts: readonly unknown[] = place;
  if (!parts.every((part, index) => typeof part === kinds[index])) throw new CursorInvalidError();
  return parts;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new CursorInvalidError();
  }
}
