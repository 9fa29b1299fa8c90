import { type CloudEvent } from '../event/cloud-event.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '@app/json';

/**
 * A message to executors that an activity needs attention, with all they need to begin it without
 * reading its record first. The transport (JetStream or HTTP) may lose or repeat it.
 */
export interface Dispatch {
  readonly activityId: string;
  readonly workflowId: string;
  /** The immutable version of the workflow that the activity is pinned to; from 1. */
  readonly workflowRevision: number;
  /** What an executor must have to run it (`requirementsOf` of the engine); absent for nothing. */
  readonly requires?: readonly string[] | undefined;
  readonly trigger: TriggerKind;
  /** When the ingress accepted the event, in milliseconds since 1970. */
  readonly acceptedAt: number;
  /** False when MongoDB was down at the ingress: the message may then be the only copy of the event. */
  readonly recorded: boolean;
  readonly event: CloudEvent;
  /** The request of a webhook. It is no part of the event, so it does not matter for `isSameEvent`. */
  readonly request?: WebhookRequest | undefined;
  /** The month in which its run counts against a quota, such as 202611; absent for none. */
  readonly quotaMonth?: number | undefined;
}

/** What may start a workflow (docs/design.md#words). */
export const TRIGGER_KINDS = [
  'manual',
  'schedule',
  'webhook',
  'event',
  'slack',
  'dockerhub',
  'github',
  'task',
] as const;

export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/** The query and headers of a webhook's request: parameters of its run, and no part of its event. */
export interface WebhookRequest {
  /** The query parameters that the listener does not use itself: a text, or a list of texts for a repeated name. */
  readonly query: JsonObject;
  /** By name in lower case; only headers that may be stored (docs/webhooks.md). */
  readonly headers: JsonObject;
}

/** The request in the signed facts of a dispatch; undefined if they have none. */
export function webhookRequestOf(value: JsonValue): WebhookRequest | undefined {
  if (!isJsonObject(value)) return undefined;
  const query = memberOf(value, 'query');
  const headers = memberOf(value, 'headers');
  return isJsonObject(query) && isJsonObject(headers) ? { query, headers } : undefined;
}
