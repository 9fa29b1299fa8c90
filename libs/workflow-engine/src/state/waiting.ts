import { type JsonObject } from '@app/json';
import { type CallSlot } from './call.js';
import { type Failure } from './failure.js';

/** When it began, and when time will do something about it; whole milliseconds since 1970. */
interface Wait {
  readonly since: number;
}

/** With an end that time brings; without one only a signal moves it (or a timeout of its task). */
interface WaitPerhapsUntil extends Wait {
  readonly until?: number;
}

interface WaitUntil extends Wait {
  readonly until: number;
}

/** What a task waits for: each kind names what would move it. */
export type WaitReason =
  | (WaitUntil & {
      readonly kind: 'retry';
      /** What happened to the attempt before. */
      readonly failure: Failure;
    })
  /** Its last attempt failed, and its policy leaves it to an operator whether another one follows. */
  | (WaitPerhapsUntil & { readonly kind: 'paused'; readonly failure: Failure })
  /** There was no place for what it has to do, not even one to wait in; nothing was sent. */
  | (WaitUntil & { readonly kind: 'slot'; readonly slot: CallSlot })
  | (WaitUntil & { readonly kind: 'timer' })
  | (WaitPerhapsUntil & {
      readonly kind: 'event';
      readonly topic: string;
      readonly correlationKey?: string;
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
      /** Runs that it began and that have not ended. */
      readonly open: number;
      /** Of the workflow by that name or id. */
      readonly workflow?: string;
    })
  | (WaitPerhapsUntil & { readonly kind: 'worker'; readonly queue: string });

export type WaitKind = WaitReason['kind'];

/** A task that nobody works on in this process, until time or a signal moves it. */
export interface WaitingTask {
  readonly status: 'waiting';
  readonly on: WaitReason;
  /** The attempt that waits; for `retry` and `slot` the one that begins at `until`, for `paused` the one that may follow. */
  readonly attempt: number;
  /** The attempt whose idempotency key it uses. */
  readonly keyAttempt: number;
  /** When the first attempt with that key was handed out; absent when there was none before. */
  readonly keyAt?: number;
  /** Of the hand-out that follows; absent for none. */
  readonly repeats?: number;
  readonly unsent?: number;
  readonly startedAt: number;
  /** When the task's own timeout ends the attempt. */
  readonly timeoutAt?: number;
  /** What its behaviour has to remember from one signal to the next, such as votes. */
  readonly memory?: JsonObject;
}
