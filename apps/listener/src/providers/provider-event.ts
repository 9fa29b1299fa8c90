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
  /** The provider's id of the delivery, which is the same when the delivery is repeated. */
  readonly id: string | undefined;
  readonly source: string;
  readonly type: string;
}

const LONGEST_NAME = 256;

/** The parts of a delivery that its event has, whichever the provider. */
export type Delivered = Pick<Delivery, 'workflowId' | 'data' | 'requestId' | 'now'>;

/** Makes the event of a delivery. @throws InvalidEventError if a value can't be the attribute of an event */
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

/** The string at a path of member names in the body; undefined if there is none or it is too long. */
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

/** Joins the names that are defined with dots: the provider's event and its action. */
export function dotted(...names: readonly (string | undefined)[]): string {
  return names.filter((name) => name !== undefined).join('.');
}

function isObject(value: unknown): value is JsonObject {
  return isJsonObject(value as JsonObject);
}
