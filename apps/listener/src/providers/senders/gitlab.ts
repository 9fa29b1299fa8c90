import { header, isSameText } from '../signature.js';
import { dotted, providerEvent, textAt } from '../provider-event.js';
import { hasStandardSignature, isStandardSignature } from './standard-webhooks.js';
import { type WebhookProvider } from '../webhook-provider.js';

/**
 * https://docs.gitlab.com/user/project/integrations/webhooks. GitLab sends its secret token, or a signature of Standard
 * Webhooks by its signing token, or both. Either one authorizes the request.
 */
export const GITLAB: WebhookProvider = {
  name: 'gitlab',
  trigger: 'webhook',
  matches: (headers) => header(headers, 'x-gitlab-event') !== undefined,
  isSigned: (headers) =>
    header(headers, 'x-gitlab-token') !== undefined || hasStandardSignature(headers),
  verify: (delivery) => {
    const { headers, secret } = delivery;
    const isToken = isSameText(header(headers, 'x-gitlab-token') ?? '', secret.text);
    return isStandardSignature(delivery) || isToken;
  },
  read: (delivery) => {
    const { data, headers } = delivery;
    const source =
      textAt(data, 'project', 'web_url') ??
      header(headers, 'x-gitlab-instance') ??
      'https://gitlab.com';
    const kind = textAt(data, 'object_kind') ?? textAt(data, 'event_name') ?? 'unknown';
    const type = dotted('com.gitlab', kind, textAt(data, 'object_attributes', 'action'));
    const id = header(headers, 'idempotency-key') ?? header(headers, 'x-gitlab-event-uuid');
    return { kind: 'events', events: [providerEvent(delivery, { id, source, type })] };
  },
};
