import { type JsonObject } from '@app/json';

/** What an executor tells of a call before its outcome: that it has to wait, and that it has begun. */
export interface TaskProgress {
  readonly kind: 'queued' | 'begun';
  readonly results?: never;
}

/** What happened to one hand-out of an attempt. */
export interface TaskResult {
  readonly task: string;
  readonly attempt: number;
  /** Of the effect that it answers. */
  readonly repeats?: number;
  readonly outcome:
    | TaskProgress
    | {
        /** There was no place for the call; nothing was sent. It is to be handed out again. */
        readonly kind: 'postponed';
        readonly delayMs: number;
        readonly results?: never;
      }
    | { readonly kind: 'succeeded'; readonly results: JsonObject }
    | {
        readonly kind: 'failed';
        readonly code: string;
        readonly message: string;
        /** Whether another attempt could help. */
        readonly retryable: boolean;
        /** False after a timeout or a lost connection: it may have happened all the same. */
        readonly outcomeKnown: boolean;
        readonly results?: JsonObject;
        /** The callee asked to wait this long before another attempt, in milliseconds. */
        readonly retryAfterMs?: number;
      };
}
