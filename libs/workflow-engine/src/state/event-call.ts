import { type JsonValue } from '@app/json';
import { type StatusRange } from './http-call.js';

export const EVENT_MODES = ['binary', 'structured'] as const;

/** How an event is put into a message: its attributes in headers, or all of it in the body. */
export type EventMode = (typeof EVENT_MODES)[number];

/** A CloudEvent that a task sends. The executor checks its attributes before it sends it. */
export interface OutgoingEvent {
  /** The same for every repeat of an attempt whose outcome is unknown. */
  readonly id: string;
  readonly type: string;
  /** Absent for the workflow's own. */
  readonly source?: string;
  readonly subject?: string;
  /** In whole milliseconds since 1970; the same as long as the id is. */
  readonly time: number;
  /** Absent for JSON. */
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly extensions: Readonly<Record<string, string | number | boolean>>;
  readonly data?: JsonValue;
}

/** The destination of an event: a URL, or a NATS subject. */
export type EventTarget =
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      /** The secret that signs the request (Standard Webhooks). */
      readonly sign?: string;
      readonly expectedStatus?: readonly StatusRange[];
    }
  | {
      readonly kind: 'nats';
      readonly subject: string;
      /** Whether a JetStream stream must store the event; if not, only current subscribers get it. */
      readonly isStored: boolean;
    };

/** The parameters of an `event` task, resolved and checked. */
export interface EventCallParams {
  readonly event: OutgoingEvent;
  readonly mode: EventMode;
  readonly to: EventTarget;
}

/** The names of an `event` task's results, of which some come with an HTTP answer and some from a stream. */
export const EVENT_RESULT_NAMES = [
  'id',
  'statusCode',
  'headers',
  'body',
  'stream',
  'sequence',
  'duplicate',
] as const;
