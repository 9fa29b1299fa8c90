import { randomUUID } from 'node:crypto';

/** A text, or a number: what stands in texts is skipped. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;

/** JSON as a value, with each integer that a double can't hold as a `BigInt`. @throws SyntaxError */
export function parseExact(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text) as unknown;
  const mark = randomUUID();
  const marked = text.replace(TOKENS, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  ) as unknown;
}

/** The value as JSON; a `BigInt` is written as the integer it is. @throws TypeError for a circle */
export function stringifyExact(value: unknown): string {
  try {
    // A replacer is called for each member, and integers that need one are rare.
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  let mark: string | undefined;
  const text = JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'bigint') return member;
    mark ??= randomUUID();
    return `${mark}${member}`;
  });
  return mark === undefined ? text : text.replace(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}
