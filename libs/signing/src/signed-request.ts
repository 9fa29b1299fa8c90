import { hash } from 'node:crypto';
import { type SigningKeys } from './signing-keys.js';

/** Milliseconds since 1970 by the sender's clock, in decimal digits. */
const CREATED_HEADER = 'flow-created';
/** The digest of the body as it is sent (RFC 9530); only `sha-256` is accepted. */
const DIGEST_HEADER = 'content-digest';
const SIGNATURE_HEADER = 'flow-request-signature';

const NO_BYTES = new Uint8Array(0);
const DIGITS = /^\d{1,15}$/;

export interface RequestToSign {
  readonly method: string;
  /** Path and query as the receiver sees them, without a base path that a proxy removes. */
  readonly path: string;
  readonly body?: Uint8Array | undefined;
}

/** The head of a received request. Names of headers are in lower case, as in Node.js. */
export interface ReceivedHead {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type RequestVerdict =
  /** The signature is valid if `contentDigest` of the body, once it is read, equals `digest`. */
  | { readonly kind: 'signed'; readonly digest: string }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'wrong' }
  /** The signature is valid but its time is too far off: a replay, or a wrong clock. Positive ages are in the past. */
  | { readonly kind: 'out-of-time'; readonly ageMs: number };

/** The headers of a signed request. Method, path, time and the digest of the body are signed together. */
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
 * Verifies the head of a request before its body is read. A replay within `ageMsMax` milliseconds is not detected, so
 * every internal request must be idempotent.
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

/** The value of the header `content-digest` for a body. */
export function contentDigest(body: Uint8Array): string {
  return digestHeader(hash('sha256', body, 'base64'));
}

/** The value of the header `content-digest`. @param sha256 the digest of the body, in base64 */
export function digestHeader(sha256: string): string {
  return `sha-256=:${sha256}:`;
}
