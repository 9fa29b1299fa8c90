import { header, hmac, isDigest, isInTime } from '../signature.js';
import { providerEvent } from '../provider-event.js';
import { type SignedDelivery, type WebhookProvider } from '../webhook-provider.js';

const SECRET_PREFIX = 'whsec_';
const VERSION = 'v1,';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Standard Webhooks 1.0 with symmetric signatures (https://www.standardwebhooks.com), also under the
 * names that Svix sends: `svix-id` for `webhook-id`.
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

/** Whether a delivery is signed by Standard Webhooks. No secret that is not base64 ever is right. */
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
 * The key is what the text encodes, with or without the prefix that is written before it. Of other
 * text Node would decode what it can, down to the empty key, which everybody has.
 */
function keyIn(secret: string): Buffer | undefined {
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}
