import { type JsonValue } from '@app/json';
import { type StatusRange } from './http-call.js';

export const EVENT_MODES = ['binary', 'structured'] as const;

/** How an event is put into a message: its attributes in headers, or all of it in the body. */
export type EventMode = (typeof EVENT_MODES)[number];

/** A CloudEvent that a task sends. Its attributes are checked by whoever sends it. */
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

/** Where it goes: to a service over HTTP, or to whoever listens on a subject of NATS. */
export type EventTarget =
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      /** The secret that it is signed with (Standard Webhooks). */
      readonly sign?: string;
      readonly expectedStatus?: readonly StatusRange[];
    }
  | {
      readonly kind: 'nats';
      readonly subject: string;
      /** Whether a stream has to keep it; else it is sent to those that listen at this moment. */
      readonly isStored: boolean;
    };

/** What an `event` task asks for, resolved and checked. */
export interface EventCallParams {
  readonly event: OutgoingEvent;
  readonly mode: EventMode;
  readonly to: EventTarget;
}

/** The names of the results that whoever sends it gives back: of an answer over HTTP, or of a stream. */
export const EVENT_RESULT_NAMES = [
  'id',
  'statusCode',
  'headers',
  'body',
  'stream',
  'sequence',
  'duplicate',
] as const;
