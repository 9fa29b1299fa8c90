import { createHash } from 'node:crypto';
import { Buffer } from 'node:buffer';
import { type JsonValue, toJsonText } from '@app/json';
import { type EventAttributes } from '@app/workflow-engine';
import { waitKeyOf } from './wait-key.js';

/** An event for the activities of a workflow that wait for its topic and correlation key. */
export interface CorrelatedEvent {
  /** The same when the event is sent again; random when its sender gave it no identity. */
  readonly id: string;
  /** Whether its sender gave it an identity: then it is remembered after delivery, to recognize repeats. */
  readonly isNamed: boolean;
  readonly workflowId: string;
  readonly topic: string;
  readonly correlationKey: string;
  readonly outcome: 'succeeded' | 'failed';
  readonly payload?: JsonValue;
  readonly attributes?: EventAttributes;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * `kept`: nothing waits for the event yet. `given`: its `activities` are being signalled; every process that
 * finds it in this status continues that. `done`: the activities have the signal, and the payload is removed.
 */
export type CorrelatedStatus = 'kept' | 'given' | 'done';

export interface StoredCorrelatedEvent extends CorrelatedEvent {
  readonly status: CorrelatedStatus;
  /** The activities that are being signalled, or were. */
  readonly activities: readonly string[];
  /** A digest (`contentOf`) by which a repeat is distinguished from a different event with the same id. */
  readonly content: string;
}

export function waitKeyOfEvent({ topic, correlationKey }: CorrelatedEvent): string {
  return waitKeyOf(topic, correlationKey);
}

/**
 * A digest of topic, key, outcome and payload. The time of arrival is not part of it, nor are the attributes: senders
 * that retry create `time` and trace anew.
 */
export function contentOf({ topic, correlationKey, outcome, payload }: CorrelatedEvent): string {
  const text = toJsonText([topic, correlationKey, outcome, payload ?? null]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** About how many bytes an event takes in the store. */
export function bytesOf(event: CorrelatedEvent): number {
  const { topic, correlationKey, payload, attributes } = event;
  const own = Buffer.byteLength(topic) + Buffer.byteLength(correlationKey) + 300;
  const texts = [payload, attributes].map((one) => (one === undefined ? '' : toJsonText(one)));
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), own);
}
