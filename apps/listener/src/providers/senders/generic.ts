import { type CloudEvent, InvalidEventError } from '@app/events';
import { isJsonObject, memberOf } from '@app/json';
import { type Delivered, providerEvent } from '../provider-event.js';
import { type WebhookProvider } from '../webhook-provider.js';

const TYPE = 'io.boomerang.eventing.webhook';
const DELIVERY_ID_CHARACTERS_MAX = 255;

/** Any sender without a provider of its own that sends JSON, text or a form with a token. */
export const GENERIC: WebhookProvider = {
  name: 'generic',
  trigger: 'webhook',
  matches: () => false,
  read: (delivery) => {
    const challenge = challengeIn(delivery.data);
    if (challenge !== undefined) return { kind: 'check', body: { challenge } };
    const key = delivery.headers['idempotency-key'];
    const deliveryId = typeof key === 'string' ? key : undefined;
    return { kind: 'events', events: [genericWebhookEvent(delivery, deliveryId)] };
  },
};

/** The challenge, if the body has nothing else: monday.com validates a URL so. */
function challengeIn(data: Delivered['data']): string | undefined {
  if (data?.kind !== 'json' || !isJsonObject(data.value)) return undefined;
  const challenge = memberOf(data.value, 'challenge');
  const isAlone = Object.keys(data.value).length === 1;
  return isAlone && typeof challenge === 'string' ? challenge : undefined;
}

/**
 * The event of a webhook without a provider. Its source names the workflow, because a delivery id is unique within one
 * workflow only. So `source` and `id` together identify the event, as CloudEvents requires.
 *
 * @param deliveryId the sender's id of the delivery, such as its `Idempotency-Key`
 * @throws InvalidEventError if the delivery id can't be the id of an event
 */
export function genericWebhookEvent(
  delivery: Delivered,
  deliveryId: string | undefined,
): CloudEvent {
  if (deliveryId !== undefined && !isFit(deliveryId)) {
    const detail = `must be 1 to ${DELIVERY_ID_CHARACTERS_MAX} characters, as the delivery or idempotency key`;
    throw new InvalidEventError([{ attribute: 'id', detail }]);
  }
  const source = `/workflows/${delivery.workflowId}/webhooks/generic`;
  return providerEvent(delivery, { id: deliveryId, source, type: TYPE });
}

function isFit({ length }: string): boolean {
  return length > 0 && length <= DELIVERY_ID_CHARACTERS_MAX;
}
