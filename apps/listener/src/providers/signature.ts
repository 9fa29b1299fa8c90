import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Headers } from '@app/events';

export type HmacAlgorithm = 'sha1' | 'sha256' | 'sha512';
export type SignatureEncoding = 'hex' | 'base64';

const MS_A_SECOND = 1_000;
/** A time from this number on is in milliseconds. It is the year 1973 in milliseconds and 5138 in seconds. */
const MILLISECONDS_MIN = 100_000_000_000;
const DIGITS = /^\d{1,15}$/;
/** The most signatures of one header that are checked. */
const SIGNATURES_MAX = 8;
const HUB_PREFIX = 'sha256=';

/** The value of a header; undefined if it is absent, empty or repeated. @param name in lower case */
export function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function hmac(
  algorithm: HmacAlgorithm,
  secret: string | Uint8Array,
  parts: readonly (string | Uint8Array)[],
): Buffer {
  const mac = createHmac(algorithm, secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether one of the texts is the digest; each is compared in constant time. */
export function isDigest(
  digest: Buffer,
  texts: readonly string[],
  encoding: SignatureEncoding,
): boolean {
  let fits = false;
  for (const text of texts.slice(0, SIGNATURES_MAX)) {
    const bytes = Buffer.from(text, encoding);
    const isSame = bytes.length === digest.length && timingSafeEqual(bytes, digest);
    // Another spelling (blanks, wrong padding) is refused, because the provider does not write it.
    const spelled = encoding === 'hex' ? text.toLowerCase() : text;
    fits = (isSame && bytes.toString(encoding) === spelled) || fits;
  }
  return fits;
}

/**
 * Whether a header is `sha256=` and the digest of the body in hex, as WebSub defines it (section 7) and other senders
 * have adopted.
 */
export function isHubSignature(
  sent: string | undefined,
  secret: string | Uint8Array,
  bytes: Uint8Array,
): boolean {
  if (sent?.startsWith(HUB_PREFIX) !== true) return false;
  return isDigest(hmac('sha256', secret, [bytes]), [sent.slice(HUB_PREFIX.length)], 'hex');
}

/** Compares two strings in a time that depends on their lengths only. */
export function isSameText(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => hmac('sha256', 'compare', [text]));
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/** Whether a signed time is within `ageMsMax` of `now`. @param time since 1970, in seconds or milliseconds */
export function isInTime(time: string, now: number, ageMsMax: number): boolean {
  if (!DIGITS.test(time)) return false;
  const count = Number(time);
  const sentMs = count < MILLISECONDS_MIN ? count * MS_A_SECOND : count;
  return Math.abs(now - sentMs) <= ageMsMax;
}
