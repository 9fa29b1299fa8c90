import { type JsonValue } from '@app/json';

/** CloudEvents 1.0.2, section 2.2: what an attribute value may be here (integers are 32-bit). */
export type AttributeValue = string | number | boolean;

/**
 * The payload. JSON keeps the text it is stored and sent as beside its parsed value, so it is
 * serialized once on its whole way; `text` is any other media type in UTF-8.
 */
export type EventData =
  | { readonly kind: 'json'; readonly text: string; readonly value: JsonValue }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array };

/**
 * A CloudEvent 1.0 (https://github.com/cloudevents/spec, core 1.0.2) that has passed validation:
 * whoever holds one need not check it again.
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
