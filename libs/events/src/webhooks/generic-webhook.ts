import { type Problem } from '@app/errors';
import { isAttributeText } from '../attributes/text.js';
import { type CloudEvent, type EventData } from '../event/cloud-event.js';
import { InvalidEventError } from '../errors.js';
import { subjectOf } from '../event/subject.js';

/** What a webhook brings that has no form of its own. */
export interface GenericWebhook {
  readonly workflowId: string;
  readonly data: EventData | undefined;
  /** The sender's own name for this delivery, such as its `Idempotency-Key`. */
  readonly deliveryId: string | undefined;
  /** Ours for this request; stands in for a delivery id, so that the event is like no other. */
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const TYPE = 'io.boomerang.eventing.webhook';
const DELIVERY_ID_CHARACTERS_MAX = 255;

/**
 * The event that a generic webhook stands for. Its source names the workflow, because a delivery id
 * is unique for no more than one: so `source` and `id` together name one event, as CloudEvents asks.
 *
 * @throws InvalidEventError when the delivery id can't be an event's
 */
export function genericWebhookEvent(webhook: GenericWebhook): CloudEvent {
  const { workflowId, data, deliveryId, requestId, now } = webhook;
  const problem = deliveryId === undefined ? undefined : deliveryIdProblem(deliveryId);
  if (problem) throw new InvalidEventError([problem]);

  const event: CloudEvent = {
    specversion: '1.0',
    id: deliveryId ?? requestId,
    source: `/workflows/${workflowId}/webhooks/generic`,
    type: TYPE,
    subject: subjectOf({ workflowId }),
    time: new Date(now).toISOString(),
    extensions: {},
  };
  if (data === undefined) return event;
  const datacontenttype = data.kind === 'json' ? 'application/json' : 'text/plain';
  return { ...event, datacontenttype, data };
}

function deliveryIdProblem(id: string): Problem | undefined {
  const isFit = id !== '' && id.length <= DELIVERY_ID_CHARACTERS_MAX && isAttributeText(id);
  if (isFit) return undefined;
  const detail = `must be 1 to ${DELIVERY_ID_CHARACTERS_MAX} characters, as the delivery or idempotency key`;
  return { attribute: 'id', detail };
}
