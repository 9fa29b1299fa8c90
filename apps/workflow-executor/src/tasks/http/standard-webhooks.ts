import { createHmac } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const KEY_BYTES_MIN = 24;
const KEY_BYTES_MAX = 64;

export interface SignedMessage {
  readonly id: string;
  readonly secret: string;
  readonly body: Uint8Array;
  /** In milliseconds since 1970. */
  readonly now: number;
}

/**
 * The signature headers of Standard Webhooks 1.0 with a symmetric key (https://www.standardwebhooks.com), by which a
 * receiver authenticates the sender and the body. Undefined if the secret is invalid: it must be 24 to 64 bytes in base64,
 * with or without the prefix `whsec_`.
 */
export function standardWebhookHeaders({
  id,
  secret,
  body,
  now,
}: SignedMessage): readonly (readonly [name: string, value: string])[] | undefined {
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  const key = BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
  if (!key || key.length < KEY_BYTES_MIN || key.length > KEY_BYTES_MAX) return undefined;
  const timestamp = String(Math.floor(now / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
  return [
    ['webhook-id', id],
    ['webhook-timestamp', timestamp],
    ['webhook-signature', `v1,${signature.digest('base64')}`],
  ];
}
