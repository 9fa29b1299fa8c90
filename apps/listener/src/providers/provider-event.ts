import {
  type CloudEvent,
  contextAttributes,
  type EventData,
  requireEvent,
  subjectOf,
} from '@app/events';
import { isJsonObject, type JsonObject, memberOf } from '@app/json';
import { type Delivery } from './webhook-provider.js';

export interface EventNames {
  /** The provider's own name of the delivery, the same when it is sent again. */
  readonly id: string | undefined;
  readonly source: string;
  readonly type: string;
}

const LONGEST_NAME = 256;

/** What of a delivery is in its event, whoever sent it. */
export type Delivered = Pick<Delivery, 'workflowId' | 'data' | 'requestId' | 'now'>;

/** @throws InvalidEventError when a name can't be an attribute, with what is wrong */
export function providerEvent(delivery: Delivered, names: EventNames): CloudEvent {
  const { data, requestId, now, workflowId } = delivery;
  const event: CloudEvent = {
    specversion: '1.0',
    id: names.id ?? requestId,
    source: names.source,
    type: names.type,
    subject: subjectOf({ workflowId }),
    time: new Date(now).toISOString(),
    extensions: {},
    ...(data && { datacontenttype: contentTypeOf(data), data }),
  };
  return requireEvent({ attributes: contextAttributes(event), data, problems: [] });
}

function contentTypeOf({ kind }: EventData): string {
  return kind === 'json' ? 'application/json' : 'text/plain';
}

/** The text at a path of member names in the body; undefined if there is none, or a huge one. */
export function textAt(
  data: EventData | undefined,
  ...path: readonly string[]
): string | undefined {
  let value: unknown = jsonObjectIn(data);
  for (const name of path) value = isObject(value) ? memberOf(value, name) : undefined;
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME
    ? value
    : undefined;
}

function jsonObjectIn(data: EventData | undefined): JsonObject | undefined {
  return data?.kind === 'json' && isJsonObject(data.value) ? data.value : undefined;
}

/** The names that are there, with dots between: a provider's event and what it was about. */
export function dotted(...names: readonly (string | undefined)[]): string {
  return names.filter((name) => name !== undefined).join('.');
}

function isObject(value: unknown): value is JsonObject {
  return isJsonObject(value as JsonObject);
}
