import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { isSecretOfRelease01, isSignedByRelease01 } from './release-0-1.js';

/**
 * What a key may be used for, each with its own key: what is signed for one use is worth nothing for
 * another. The texts go into the derivation (the `info` of RFC 5869): a changed text is another key.
 */
const LABELS = {
  /** A dispatch: its facts and its event, over NATS and over HTTP. */
  dispatch: 'flow-eventing dispatch v1',
  /** A request to an internal HTTP endpoint. */
  request: 'flow-eventing internal request v1',
  /** A notice over core NATS. */
  notice: 'flow-eventing notice v1',
  /** Which run an event that a task sends comes from in the end. */
  origin: 'flow-eventing origin v1',
} as const;

export type SigningUse = keyof typeof LABELS;

/** A part of what is signed; its length is signed too, so that parts can't run into each other. */
export type SignedPart = string | Uint8Array;

const KEY_BYTES = 32;
const SIGNATURE_CHARS = 43;
/** More signatures than this on one message are not looked at. */
const SIGNATURES_MAX = 4;
const VERSION = 'v1,';

type Keys = Readonly<Record<SigningUse, KeyObject>>;

/**
 * The keys that our own services sign with, derived from the secrets that they share (HKDF-SHA-256).
 * The secrets themselves are never sent.
 *
 * While a secret is replaced there are two. A signature is made with each, and one that any of the
 * two has made is right: so a process that knows one of them and a process that knows both understand
 * each other in either direction, in whatever order they are restarted.
 */
export class SigningKeys {
  readonly #secrets: readonly string[];
  readonly #keys: readonly Keys[];

  /** @param previous what the secret was before, until every process has the new one */
  constructor(secret: string, previous?: string) {
    this.#secrets = previous === undefined ? [secret] : [secret, previous];
    this.#keys = this.#secrets.map(keysOf);
  }

  /** HMAC-SHA-256 with each key, as `v1,<base64url>` with blanks between. ASCII, fit for a header. */
  sign(use: SigningUse, parts: readonly SignedPart[]): string {
    return this.#keys
      .map((keys) => VERSION + signatureOf(keys[use], parts).toString('base64url'))
      .join(' ');
  }

  /** Whether one of the signatures is by one of the keys. All are compared, each in constant time. */
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

  /** Of what a process of release 0.1 has signed; goes with the release after this one. */
  verifyRelease01(header: string, payload: Uint8Array, signature: string): boolean {
    return isSignedByRelease01(this.#secrets, header, payload, signature);
  }

  /** Of requests of release 0.1, which sent the secret; goes with the release after this one. */
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
  // Texts that follow each other go in together: each call costs more than what it adds.
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
