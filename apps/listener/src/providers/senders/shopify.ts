import { uriComponent } from '@app/json';
import { header, hmac, isDigest } from '../signature.js';
import { dotted, providerEvent } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

/** https://shopify.dev/docs/apps/build/webhooks */
export const SHOPIFY: WebhookProvider = {
  name: 'shopify',
  trigger: 'webhook',
  matches: (headers) => header(headers, 'x-shopify-topic') !== undefined,
  isSigned: (headers) => header(headers, 'x-shopify-hmac-sha256') !== undefined,
  verify: ({ bytes, headers, secret }) => {
    const sent = header(headers, 'x-shopify-hmac-sha256') ?? '';
    return isDigest(hmac('sha256', secret.text, [bytes]), [sent], 'base64');
  },
  read: (delivery) => {
    const { headers } = delivery;
    const topic = header(headers, 'x-shopify-topic') ?? 'unknown';
    const shop = header(headers, 'x-shopify-shop-domain') ?? 'shopify.com';
    const type = dotted('com.shopify', ...topic.split('/'));
    // A retry has another webhook id but the same event id. One event may be sent for several topics.
    const event = header(headers, 'x-shopify-event-id');
    const id = event === undefined ? header(headers, 'x-shopify-webhook-id') : `${topic}:${event}`;
    const source = `https://${uriComponent(shop)}`;
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};
