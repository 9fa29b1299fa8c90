import { type JsonValue } from '@app/json';

/**
 * An effect that must outlive the process, and even the run: a child run, a task for a worker, a status event, the
 * release of a lock, a callback. The commit of the step that made it stores it. Then the driver of the run, or a
 * sweeper, delivers it at least once.
 */
export interface OutboxEntry {
  /** Unique among all entries the activity ever has, so that a receiver can recognize a repeat. */
  readonly id: string;
  /** Selects the handler that delivers it. */
  readonly kind: string;
  /** Entries with the same key are delivered one after the other, in the order in which they were made. */
  readonly key: string;
  readonly payload: JsonValue;
  /** In whole milliseconds since 1970. */
  readonly createdAt: number;
}

/** An entry as a task makes it; the engine gives it its id and time. */
export type OutboxDraft = Pick<OutboxEntry, 'kind' | 'key' | 'payload'>;

/** Something a task holds, with the entry that gives it back; see `Hold`. */
export interface HeldEntry {
  /** Unique in the run; another hold with the same name replaces it. */
  readonly name: string;
  readonly entry: OutboxDraft;
}

/**
 * Something a run holds outside: a lock, a place in a queue, a child run, a worker's task. Its outbox entry gives it
 * back. The entry is posted when the task's attempt fails or is ended from outside, and at the latest at the end of
 * the run, unless the task released the hold before.
 */
export interface Hold extends HeldEntry {
  readonly task: string;
}
