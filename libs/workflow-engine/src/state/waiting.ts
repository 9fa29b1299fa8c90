import { type JsonObject } from '@app/json';
import { type AttemptState } from './attempt.js';
import { type CallSlot } from './call.js';
import { type Failure } from './failure.js';

/** All times are whole milliseconds since 1970. `since` is when the wait began. */
interface Wait {
  readonly since: number;
}

/** A wait that ends at `until`, or, without that, only by a signal or the task's timeout. */
interface WaitPerhapsUntil extends Wait {
  readonly until?: number;
}

interface WaitUntil extends Wait {
  readonly until: number;
}

/** What a task waits for. The kind says what ends the wait. */
export type WaitReason =
  | (WaitUntil & {
      readonly kind: 'retry';
      /** Why the attempt before failed. */
      readonly failure: Failure;
    })
  /** The last attempt failed, and by the task's retry policy an operator decides whether another one follows. */
  | (WaitPerhapsUntil & { readonly kind: 'paused'; readonly failure: Failure })
  /**
   * No slot was free for its call, nor a place in the queue for one, or the outbox had no room for what the task asks
   * for; nothing was sent.
   */
  | (WaitUntil & { readonly kind: 'slot'; readonly slot: CallSlot | 'outbox' })
  | (WaitUntil & { readonly kind: 'timer' })
  | (WaitPerhapsUntil & {
      readonly kind: 'event';
      readonly topic: string;
      readonly correlationKey?: string;
      /** Whether the task has a filter, and takes only events that match it. */
      readonly isFiltered?: true;
    })
  | (WaitPerhapsUntil & {
      readonly kind: 'approval';
      /** Votes that are still needed. */
      readonly open: number;
      readonly group?: string;
    })
  | (WaitPerhapsUntil & { readonly kind: 'lock'; readonly lock: string })
  | (WaitPerhapsUntil & {
      readonly kind: 'children';
      /** The number of runs it began that have not ended. */
      readonly open: number;
      /** The name or id of the workflow they run. */
      readonly workflow?: string;
    })
  | (WaitPerhapsUntil & { readonly kind: 'worker'; readonly queue: string });

export type WaitKind = WaitReason['kind'];

/** A task that waits until time or a signal moves it; no process works on it meanwhile. */
export interface WaitingTask extends AttemptState {
  readonly status: 'waiting';
  readonly on: WaitReason;
  /** The attempt that waits; for `retry` and `slot` the one that begins at `until`, for `paused` the one that may follow. */
  readonly attempt: number;
  /** The state of its behaviour from one signal to the next, such as votes. */
  readonly memory?: JsonObject;
}
