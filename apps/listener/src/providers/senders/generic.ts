import { genericWebhookEvent } from '@app/events';
import { type WebhookProvider } from '../webhook-provider.js';

/** Whatever sends JSON, text or a form with a token, and has no form of its own. */
export const GENERIC: WebhookProvider = {
  name: 'generic',
  trigger: 'webhook',
  matches: () => false,
  read: ({ workflowId, data, headers, requestId, now }) => {
    const deliveryId = headers['idempotency-key'];
    const event = genericWebhookEvent({
      workflowId,
      data,
      deliveryId: typeof deliveryId === 'string' ? deliveryId : undefined,
      requestId,
      now,
    });
    return { kind: 'events', events: [event] };
  },
};
