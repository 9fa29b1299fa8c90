import { uriComponent } from '@app/json';
import { header, hmac, isDigest, isInTime } from '../signature.js';
import { dotted, providerEvent, textAt } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

/** https://docs.stripe.com/webhooks: `t=<seconds>,v1=<hex>[,v1=<hex>]`, with one `v1` for each active secret. */
export const STRIPE: WebhookProvider = {
  name: 'stripe',
  trigger: 'webhook',
  matches: (headers) => header(headers, 'stripe-signature') !== undefined,
  isSigned: (headers) => header(headers, 'stripe-signature') !== undefined,
  verify: ({ bytes, headers, secret, now, ageMsMax }) => {
    const parts = (header(headers, 'stripe-signature') ?? '').split(',');
    const [time = ''] = valuesOf(parts, 't=');
    const digest = hmac('sha256', secret.text, [`${time}.`, bytes]);
    return isDigest(digest, valuesOf(parts, 'v1='), 'hex') && isInTime(time, now, ageMsMax);
  },
  read: (delivery) => {
    const { data } = delivery;
    const account = textAt(data, 'account');
    const source = `https://api.stripe.com${account === undefined ? '' : `/accounts/${uriComponent(account)}`}`;
    const type = dotted('com.stripe', textAt(data, 'type') ?? 'unknown');
    const id = textAt(data, 'id');
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};

function valuesOf(parts: readonly string[], name: string): readonly string[] {
  return parts
    .map((part) => part.trim())
    .filter((part) => part.startsWith(name))
    .map((part) => part.slice(name.length));
}
