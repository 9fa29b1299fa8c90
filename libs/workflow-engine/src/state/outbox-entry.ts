import { type JsonValue } from '@app/json';

/**
 * Something to be told or done outside that must outlive the process, and even the run: a child, a
 * task for a worker, a status event, the release of a lock, a callback. It is stored by the commit of
 * the step that made it, and delivered at least once from then on, by whoever drives or sweeps.
 */
export interface OutboxEntry {
  /** Unique among all entries that the activity ever has; whoever gets it twice can tell by it. */
  readonly id: string;
  /** Says who delivers it. */
  readonly kind: string;
  /** Those with the same key are delivered one after the other, in the order they were made. */
  readonly key: string;
  readonly payload: JsonValue;
  /** In whole milliseconds since 1970. */
  readonly createdAt: number;
}

/** An entry as a task makes it; the engine gives it its id and time. */
export type OutboxDraft = Pick<OutboxEntry, 'kind' | 'key' | 'payload'>;

/** What a task asks to be remembered as held; see `Hold`. */
export interface HeldEntry {
  /** Unique in the run; the same name again takes its place. */
  readonly name: string;
  readonly entry: OutboxDraft;
}

/**
 * Something that a run has outside: a lock, a place in a queue, a child, work that a worker was given.
 * Its entry gives it back. It is posted when the task's attempt fails or is ended from outside, and at
 * the latest when the run ends, in whatever way; unless the task let go of it before.
 */
export interface Hold extends HeldEntry {
  readonly task: string;
}
