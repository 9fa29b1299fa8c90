import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { isSecretOfRelease01, isSignedByRelease01 } from './release-0-1.js';

/**
 * The uses of keys. Each use has a key of its own, so a signature for one use is invalid for any other. The texts are
 * the `info` of the derivation (HKDF, RFC 5869): a changed text makes another key.
 */
const LABELS = {
  /** A dispatch: its facts and its event, over NATS and over HTTP. */
  dispatch: 'flow-eventing dispatch v1',
  /** A request to an internal HTTP endpoint. */
  request: 'flow-eventing internal request v1',
  /** A notice over core NATS. */
  notice: 'flow-eventing notice v1',
  /** The first run of the chain that led to an event which a task sends. */
  origin: 'flow-eventing origin v1',
} as const;

export type SigningUse = keyof typeof LABELS;

/** A part of a signed message. Its length is signed, too, so that other parts with the same concatenation differ. */
export type SignedPart = string | Uint8Array;

const KEY_BYTES = 32;
const SIGNATURE_CHARS = 43;
/** A message with more signatures than this is refused. */
const SIGNATURES_MAX = 4;
const VERSION = 'v1,';

type Keys = Readonly<Record<SigningUse, KeyObject>>;

/**
 * The keys with which listeners and executors sign messages to each other, derived from their shared secrets
 * (HKDF-SHA-256). The secrets themselves are never sent.
 *
 * While a secret is replaced there are two. Messages are signed with both, and a valid signature with either is
 * accepted. So a process with one of the secrets and a process with both accept each other's messages, in whatever
 * order they are restarted.
 */
export class SigningKeys {
  readonly #secrets: readonly string[];
  readonly #keys: readonly Keys[];

  /** @param previous the secret before, until every process has the new one */
  constructor(secret: string, previous?: string) {
    this.#secrets = previous === undefined ? [secret] : [secret, previous];
    this.#keys = this.#secrets.map(keysOf);
  }

  /** The signatures (HMAC-SHA-256) with each key, as `v1,<base64url>` separated by spaces; ASCII, fit for a header. */
  sign(use: SigningUse, parts: readonly SignedPart[]): string {
    return this.#keys
      .map((keys) => VERSION + signatureOf(keys[use], parts).toString('base64url'))
      .join(' ');
  }

  /** Whether one of the signatures is valid with one of the keys. All are compared, each in constant time. */
  verify(use: SigningUse, parts: readonly SignedPart[], signatures: string): boolean {
    const given = signaturesIn(signatures);
    if (given.length === 0) return false;
    let isRight = false;
    for (const keys of this.#keys) {
      const expected = signatureOf(keys[use], parts);
      for (const signature of given) {
        isRight =
          (signature.length === expected.length && timingSafeEqual(signature, expected)) || isRight;
      }
    }
    return isRight;
  }

  /** Whether a signature of release 0.1 is valid; to be removed in the next release. */
  verifyRelease01(header: string, payload: Uint8Array, signature: string): boolean {
    return isSignedByRelease01(this.#secrets, header, payload, signature);
  }

  /** Whether a text is the secret, which requests of release 0.1 sent; to be removed in the next release. */
  acceptsSecretOfRelease01(text: string): boolean {
    return isSecretOfRelease01(this.#secrets, text);
  }
}

function keysOf(secret: string): Keys {
  const key = (label: string): KeyObject =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', label, KEY_BYTES)));
  return {
    dispatch: key(LABELS.dispatch),
    request: key(LABELS.request),
    notice: key(LABELS.notice),
    origin: key(LABELS.origin),
  };
}

function signatureOf(key: KeyObject, parts: readonly SignedPart[]): Buffer {
  const hmac = createHmac('sha256', key);
  // Adjacent texts are joined before they are hashed, because a call of `update` costs more than a concatenation.
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      text += `${Buffer.byteLength(part)}:${part}`;
      continue;
    }
    hmac.update(`${text}${part.byteLength}:`).update(part);
    text = '';
  }
  return (text === '' ? hmac : hmac.update(text)).digest();
}

function signaturesIn(text: string): readonly Buffer[] {
  const longest = SIGNATURES_MAX * (VERSION.length + SIGNATURE_CHARS + 1);
  if (text.length > longest) return [];
  return text
    .split(' ')
    .filter((signature) => signature.startsWith(VERSION))
    .map((signature) => Buffer.from(signature.slice(VERSION.length), 'base64url'));
}
