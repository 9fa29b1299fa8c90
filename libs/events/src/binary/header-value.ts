import { uriComponent } from '@app/json';

const NEEDS_NO_ENCODING = /^[!#$&-~]*$/;
const NEEDS_ENCODING = /[^!#$&-~]/gu;
const PRINTABLE_ASCII = /^[\t\x20-\x7e]*$/;
const ESCAPES = /(?:%[0-9A-Fa-f]{2})+/g;
const QUOTED_STRING = /^"((?:[^"\\]|\\.)*)"$/;

/** A header's value as an attribute's, or what is wrong with it. */
export type HeaderReading =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'wrong'; readonly detail: string };

/** An attribute's value for a header: HTTP binding 1.0.2, section 3.1.3.2. */
export function encodeHeaderValue(value: string): string {
  return NEEDS_NO_ENCODING.test(value) ? value : value.replace(NEEDS_ENCODING, uriComponent);
}

/**
 * The inverse, of the same section: the double quotes around a value are removed, then it is
 * percent-decoded exactly once. `decodeURIComponent` rejects invalid UTF-8, overlong forms too. A
 * `%` that begins no escape is taken as it is: the SDKs for Go and Java send it so.
 */
export function decodeHeaderValue(header: string): HeaderReading {
  const trimmed = header.trim();
  if (!PRINTABLE_ASCII.test(trimmed)) {
    return { kind: 'wrong', detail: 'has a header value outside ASCII; percent-encode it' };
  }
  const plain = unquoted(trimmed);
  if (plain === undefined) {
    return { kind: 'wrong', detail: 'has a header value with an unfinished double-quoted string' };
  }
  if (!plain.includes('%')) return { kind: 'value', value: plain };
  try {
    return { kind: 'value', value: plain.replaceAll(ESCAPES, decodeURIComponent) };
  } catch {
    return { kind: 'wrong', detail: 'has a header value whose percent-encoding is not UTF-8' };
  }
}

function unquoted(value: string): string | undefined {
  if (!value.startsWith('"')) return value;
  return QUOTED_STRING.exec(value)?.[1]?.replace(/\\(.)/g, '$1');
}
