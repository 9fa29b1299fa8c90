import { header, isHubSignature } from '../signature.js';
import { dotted, providerEvent, textAt } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

/** https://docs.github.com/webhooks. Names of events follow the CloudEvents adapter for GitHub. */
export const GITHUB: WebhookProvider = {
  name: 'github',
  trigger: 'github',
  matches: (headers) => header(headers, 'x-github-event') !== undefined,
  isSigned: (headers) => header(headers, 'x-hub-signature-256') !== undefined,
  verify: ({ bytes, headers, secret }) =>
    isHubSignature(header(headers, 'x-hub-signature-256'), secret.text, bytes),
  read: (delivery) => {
    const { data, headers } = delivery;
    const event = header(headers, 'x-github-event');
    if (event === 'ping') return { kind: 'check' };
    const source =
      textAt(data, 'repository', 'html_url') ??
      textAt(data, 'organization', 'url') ??
      'https://github.com';
    const type = dotted('com.github', event ?? 'unknown', textAt(data, 'action'));
    const id = header(headers, 'x-github-delivery');
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};
