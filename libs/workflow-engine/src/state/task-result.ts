import { type JsonObject } from '@app/json';

/** The progress of a call before its outcome: it waits for a slot (`queued`), or it has begun. */
export interface TaskProgress {
  readonly kind: 'queued' | 'begun';
  readonly results?: never;
}

/** The result of one call of an attempt. */
export interface TaskResult {
  readonly task: string;
  readonly attempt: number;
  /** `repeats` of the effect that it answers. */
  readonly repeats?: number;
  readonly outcome:
    | TaskProgress
    | {
        /** No slot was free and nothing was sent. The call is handed out again after `delayMs`. */
        readonly kind: 'postponed';
        readonly delayMs: number;
        readonly results?: never;
      }
    | { readonly kind: 'succeeded'; readonly results: JsonObject }
    | FailedOutcome;
}

/** An attempt failed; the retry policy of the task decides whether another one follows. */
export interface FailedOutcome {
  readonly kind: 'failed';
  readonly code: string;
  readonly message: string;
  /** Whether another attempt could succeed. */
  readonly retryable: boolean;
  /** Whether it is certain that the attempt had no effect outside; false after a timeout or a lost connection. */
  readonly outcomeKnown: boolean;
  readonly results?: JsonObject;
  /** The least delay before another attempt, in milliseconds: the callee asked for it. */
  readonly retryAfterMs?: number;
}
