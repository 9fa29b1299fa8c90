import { type JsonValue } from '@app/json';
import { type Problem } from '@app/errors';

/** CloudEvents 1.0.2, section 2.2: what an attribute value may be here (integers are 32-bit). */
export type AttributeValue = string | number | boolean;

/**
 * The payload. JSON keeps the text that it was sent as beside its parsed value, so it is serialized once on its whole
 * way; `text` is any other media type in UTF-8.
 */
export type EventData =
  | { readonly kind: 'json'; readonly text: string; readonly value: JsonValue }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array };

/**
 * A CloudEvent 1.0 (https://github.com/cloudevents/spec, core 1.0.2) that has passed validation and needs no further
 * check.
 */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339, as the sender wrote it. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  /** Extension attributes by name (a-z, 0-9), never one of the names above. */
  readonly extensions: Readonly<Record<string, AttributeValue>>;
  readonly data?: EventData;
}

const CORE_ATTRIBUTES = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
] as const;

/** Everything about an event but its data: core attributes that are set, then extensions. */
export function contextAttributes(event: CloudEvent): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  for (const name of CORE_ATTRIBUTES) {
    const value = event[name];
    if (value !== undefined) attributes[name] = value;
  }
  return Object.assign(attributes, event.extensions);
}

/**
 * An event as it was read from a message: its data is parsed, its attributes are not checked yet. Before they are,
 * the ingress reads the subject, which names the workflow whose token the sender needs.
 */
export interface RawEvent {
  /** By name, as sent. Undefined when the message has none; `problems` then says why. */
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
  readonly data: EventData | undefined;
  /** What is wrong with the message itself. */
  readonly problems: readonly Problem[];
}

/** The subject as sent, if it is a string. */
export function rawSubject(raw: RawEvent): string | undefined {
  const subject = raw.attributes?.['subject'];
  return typeof subject === 'string' ? subject : undefined;
}
