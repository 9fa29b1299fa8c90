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
