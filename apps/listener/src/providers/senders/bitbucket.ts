import { header, isHubSignature } from '../signature.js';
import { dotted, providerEvent, textAt } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

/** https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks */
export const BITBUCKET: WebhookProvider = {
  name: 'bitbucket',
  trigger: 'webhook',
  matches: (headers) => header(headers, 'x-event-key') !== undefined,
  isSigned: (headers) => header(headers, 'x-hub-signature') !== undefined,
  verify: ({ bytes, headers, secret }) =>
    isHubSignature(header(headers, 'x-hub-signature'), secret.text, bytes),
  read: (delivery) => {
    const { data, headers } = delivery;
    const key = header(headers, 'x-event-key') ?? 'unknown';
    if (key === 'diagnostics:ping') return { kind: 'check' };
    const source = textAt(data, 'repository', 'links', 'html', 'href') ?? 'https://bitbucket.org';
    const type = dotted('com.bitbucket', ...key.split(':'));
    const id = header(headers, 'x-request-uuid') ?? header(headers, 'x-request-id');
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};
