import { header, hmac, isDigest, isInTime } from '../signature.js';
import { providerEvent } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

const SECRET_PREFIX = 'whsec_';
const VERSION = 'v1,';

/** Standard Webhooks 1.0 with symmetric signatures (https://www.standardwebhooks.com). */
export const STANDARD_WEBHOOKS: WebhookProvider = {
  name: 'standard-webhooks',
  trigger: 'webhook',
  matches: (headers) => header(headers, 'webhook-signature') !== undefined,
  isSigned: (headers) => header(headers, 'webhook-signature') !== undefined,
  verify: ({ bytes, headers, secret, now, ageMsMax }) => {
    const id = header(headers, 'webhook-id');
    const time = header(headers, 'webhook-timestamp') ?? '';
    const sent = (header(headers, 'webhook-signature') ?? '')
      .split(' ')
      .filter((text) => text.startsWith(VERSION))
      .map((text) => text.slice(VERSION.length));
    const digest = hmac('sha256', keyOf(secret.text), [`${id ?? ''}.${time}.`, bytes]);
    return isDigest(digest, sent, 'base64') && id !== undefined && isInTime(time, now, ageMsMax);
  },
  read: (delivery) => {
    const id = header(delivery.headers, 'webhook-id');
    const source = `/workflows/${delivery.workflowId}/webhooks/standard-webhooks`;
    const type = 'io.boomerang.eventing.webhook';
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};

/** The key is what the text encodes, with or without the prefix that is written before it. */
function keyOf(secret: string): Buffer {
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  return Buffer.from(text, 'base64');
}
