import { hash } from 'node:crypto';
import { type SigningKeys } from './signing-keys.js';

/** Milliseconds since 1970 by the sender's clock, in decimal digits. */
const CREATED_HEADER = 'flow-created';
/** Of the body as it is sent: RFC 9530, `sha-256` and no other. */
const DIGEST_HEADER = 'content-digest';
const SIGNATURE_HEADER = 'flow-request-signature';

const NO_BYTES = new Uint8Array(0);
const DIGITS = /^\d{1,15}$/;

export interface RequestToSign {
  readonly method: string;
  /** With its query, as the receiver sees it: without a base path that a proxy takes away. */
  readonly path: string;
  readonly body?: Uint8Array | undefined;
}

/** The head of a request that came; names of headers are in lower case, as Node gives them. */
export interface ReceivedHead {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type RequestVerdict =
  /** `digest` is what `contentDigest` must give for the body when it has been read. */
  | { readonly kind: 'signed'; readonly digest: string }
  /** There is no signature. */
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'wrong' }
  /** Ours, but from another time: held back by somebody, or a clock is off. Positive: in the past. */
  | { readonly kind: 'out-of-time'; readonly ageMs: number };

/** The headers that make it a signed request: method, path, time and body are signed together. */
export function signRequest(
  keys: SigningKeys,
  { method, path, body = NO_BYTES }: RequestToSign,
  nowMs: number,
): Readonly<Record<string, string>> {
  const created = String(Math.floor(nowMs));
  const digest = contentDigest(body);
  return {
    [CREATED_HEADER]: created,
    [DIGEST_HEADER]: digest,
    [SIGNATURE_HEADER]: keys.sign('request', [method, path, created, digest]),
  };
}

/**
 * Judges the head of a request, before its body is read. What repeats a request within `ageMsMax` is
 * not noticed: an internal request has to be one that may come twice.
 * @param ageMsMax how far the sender's time may be from `nowMs`, in either direction
 */
export function verifyRequest(
  keys: SigningKeys,
  { method, path, headers }: ReceivedHead,
  nowMs: number,
  ageMsMax: number,
): RequestVerdict {
  const signature = headers[SIGNATURE_HEADER];
  if (signature === undefined) return { kind: 'unsigned' };
  const created = headers[CREATED_HEADER];
  const digest = headers[DIGEST_HEADER];
  if (typeof signature !== 'string' || typeof created !== 'string' || typeof digest !== 'string') {
    return { kind: 'wrong' };
  }
  const isOurs = keys.verify('request', [method, path, created, digest], signature);
  if (!isOurs || !DIGITS.test(created)) return { kind: 'wrong' };
  const ageMs = nowMs - Number(created);
  return Math.abs(ageMs) <= ageMsMax ? { kind: 'signed', digest } : { kind: 'out-of-time', ageMs };
}

/** Of a body in one piece, as the header `content-digest` says it. */
export function contentDigest(body: Uint8Array): string {
  return digestHeader(hash('sha256', body, 'base64'));
}

/** @param sha256 of the body, in base64 */
export function digestHeader(sha256: string): string {
  return `sha-256=:${sha256}:`;
}
