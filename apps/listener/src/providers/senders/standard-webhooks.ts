import { header, hmac, isDigest, isInTime } from '../signature.js';
import { providerEvent } from '../provider-event.js';
import { type SignedDelivery, type WebhookProvider } from '../webhook-provider.js';

const SECRET_PREFIX = 'whsec_';
const VERSION = 'v1,';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Standard Webhooks 1.0 with symmetric signatures (https://www.standardwebhooks.com), also with the header names of Svix:
 * `svix-id` for `webhook-id`.
 */
export const STANDARD_WEBHOOKS: WebhookProvider = {
  name: 'standard-webhooks',
  trigger: 'webhook',
  matches: hasStandardSignature,
  isSigned: hasStandardSignature,
  verify: isStandardSignature,
  read: (delivery) => {
    const id = named(delivery.headers, 'id');
    const source = `/workflows/${delivery.workflowId}/webhooks/standard-webhooks`;
    const type = 'io.boomerang.eventing.webhook';
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};

export function hasStandardSignature(headers: SignedDelivery['headers']): boolean {
  return named(headers, 'signature') !== undefined;
}

/** Whether a delivery has a correct signature of Standard Webhooks; false if the secret is not base64. */
export function isStandardSignature(delivery: SignedDelivery): boolean {
  const { bytes, headers, secret, now, ageMsMax } = delivery;
  const id = named(headers, 'id');
  const time = named(headers, 'timestamp') ?? '';
  const sent = (named(headers, 'signature') ?? '')
    .split(' ')
    .filter((text) => text.startsWith(VERSION))
    .map((text) => text.slice(VERSION.length));
  const key = keyIn(secret.text);
  const digest = hmac('sha256', key ?? '', [`${id ?? ''}.${time}.`, bytes]);
  const isRight = isDigest(digest, sent, 'base64') && isInTime(time, now, ageMsMax);
  return isRight && id !== undefined && key !== undefined;
}

function named(headers: SignedDelivery['headers'], name: string): string | undefined {
  return header(headers, `webhook-${name}`) ?? header(headers, `svix-${name}`);
}

/**
 * The key that the secret encodes, with or without the prefix `whsec_`; undefined if it is not base64. Node would decode
 * a part of other text, at worst to the empty key, which anybody could sign with.
 */
function keyIn(secret: string): Buffer | undefined {
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}
