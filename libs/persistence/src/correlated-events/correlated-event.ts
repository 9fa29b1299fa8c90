import { createHash } from 'node:crypto';
import { Buffer } from 'node:buffer';
import { type JsonValue, toJsonText } from '@app/json';
import { waitKeyOf } from './wait-key.js';

/** An event for whatever waits in a workflow for its topic and key. */
export interface CorrelatedEvent {
  /** The same for an event that comes again; made by chance for one that can't be told from others. */
  readonly id: string;
  /** Whether its sender gave it an identity: then it is remembered after it was taken. */
  readonly isNamed: boolean;
  readonly workflowId: string;
  readonly topic: string;
  readonly correlationKey: string;
  readonly outcome: 'succeeded' | 'failed';
  readonly payload?: JsonValue;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * `kept`: nothing waits for it yet. `given`: it is being told to `activities`, and whoever finds it so goes on
 * with that. `done`: they have it; its payload is gone.
 */
export type CorrelatedStatus = 'kept' | 'given' | 'done';

export interface StoredCorrelatedEvent extends CorrelatedEvent {
  readonly status: CorrelatedStatus;
  /** Those that are told of it, or were. */
  readonly activities: readonly string[];
  /** By it the same event is told from another under its id. */
  readonly content: string;
}

export function waitKeyOfEvent({ topic, correlationKey }: CorrelatedEvent): string {
  return waitKeyOf(topic, correlationKey);
}

/** A digest of what an event says, without when it came. */
export function contentOf({ topic, correlationKey, outcome, payload }: CorrelatedEvent): string {
  const text = toJsonText([topic, correlationKey, outcome, payload ?? null]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** About what it takes in the store. */
export function bytesOf({ topic, correlationKey, payload }: CorrelatedEvent): number {
  const own = Buffer.byteLength(topic) + Buffer.byteLength(correlationKey) + 300;
  return own + (payload === undefined ? 0 : Buffer.byteLength(toJsonText(payload)));
}
