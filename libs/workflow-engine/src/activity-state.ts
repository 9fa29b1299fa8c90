import { type JsonObject } from '@app/json';
import { type OutboxEntry } from './outbox-entry.js';
import { type WaitingTask, type WaitKind } from './waiting.js';
import { type HttpCallParams } from './http-call.js';

/** Every status an activity can have. `queued` is before the engine has seen it. */
export const ACTIVITY_STATUSES = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'timedout',
] as const;

export type ActivityStatus = (typeof ACTIVITY_STATUSES)[number];
export type FinalStatus = Extract<
  ActivityStatus,
  'succeeded' | 'failed' | 'cancelled' | 'timedout'
>;

/** Why an activity or a task did not succeed. `code` is stable and in docs/errors.md. */
export interface Failure {
  readonly level: 'workflow' | 'task';
  readonly code: string;
  readonly message: string;
  /** The task that caused it, for `level: 'task'`. */
  readonly task?: string;
}

/** All instants are milliseconds since 1970; attempts count from 1. */
export type TaskState =
  | { readonly status: 'pending' }
  | {
      /** An effect was handed out and its result is awaited. */
      readonly status: 'running';
      readonly attempt: number;
      /**
       * The attempt whose idempotency key this attempt uses. A new key is used only when every call
       * under the one before is known to have failed: after an attempt of unknown outcome (a timeout,
       * a lost connection, a repeat) all later ones keep its key, whatever they are answered.
       */
      readonly keyAttempt: number;
      /**
       * How often this attempt was handed out again, because whoever had it died or lost it. Absent
       * for never. What became of the calls before is unknown; a result counts only for the last one.
       */
      readonly repeats?: number;
      /** How many of the hand-outs before are known to have sent nothing. Absent for none. */
      readonly unsent?: number;
      /** When this attempt began. */
      readonly startedAt: number;
      readonly timeoutAt?: number;
      /** Its call waits for a place: its time, this long, begins when the call does (`timeoutAt` then). */
      readonly queued?: { readonly timeoutMs: number };
    }
  | WaitingTask
  | {
      readonly status: 'succeeded';
      readonly attempt: number;
      /** When the last attempt began. */
      readonly startedAt: number;
      readonly endedAt: number;
      readonly results: JsonObject;
      /** For a `decision`: the value the outgoing edges were matched against. */
      readonly decision?: string;
    }
  | {
      /** `timedout`: the last attempt, or the whole run, took too long. */
      readonly status: 'failed' | 'timedout';
      readonly attempt: number;
      readonly startedAt: number;
      readonly endedAt: number;
      readonly failure: Failure;
      readonly results?: JsonObject;
    }
  | { readonly status: 'cancelled'; readonly endedAt: number; readonly startedAt?: number }
  | { readonly status: 'skipped'; readonly endedAt: number };

export type TaskStatus = TaskState['status'];

/**
 * The run of one activity: what the engine can't compute from plan and scope. Plain JSON, so it can
 * be stored as it is. Parameters are not in it: see `RunScope`.
 */
export interface ActivityState {
  readonly status: Exclude<ActivityStatus, 'queued'>;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** When the workflow's own timeout ends the run. */
  readonly timeoutAt?: number;
  readonly tasks: Readonly<Record<string, TaskState>>;
  /** Set by `set-property`: the results of the whole run. */
  readonly results: JsonObject;
  /** How many entries its steps have made for the outbox; absent for none. */
  readonly outboxCount?: number;
  readonly failure?: Failure;
  /** What the run waits for, when it waits: a sentence an operator can act on, and since when. */
  readonly waitingFor?: readonly WaitingFor[];
}

export interface WaitingFor {
  readonly task: string;
  /** `call`: the answer to a call that is under way; else see `WaitReason`. */
  readonly kind: WaitKind | 'call';
  readonly what: string;
  readonly since: number;
  readonly until?: number;
}

/** What the sender's event brings into a run. The engine never looks for `$(...)` in it. */
export interface EventInput {
  /** Members of the event's data (and of its `inputs`) as parameters, and `data`, the whole of it. */
  readonly params: JsonObject;
}

/** Something that happens to a running activity from outside (docs/design.md#words). */
export interface Signal {
  /** Made by the sender; the inbox takes each id once. */
  readonly id: string;
  readonly kind: 'cancel';
  readonly reason: string;
  readonly at: number;
}

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

/**
 * What `advance` is fed with. `time` lets due timers fire; `resume` hands out the effects of running
 * tasks again (of all, or of those named), for when whoever had them died, and gives each attempt its
 * whole time once more.
 */
export type Input =
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'task-result'; readonly result: TaskResult }
  | { readonly kind: 'time' }
  | { readonly kind: 'resume'; readonly tasks?: readonly string[] };

/**
 * What an executor must now do. Doing one twice is safe, because the other side can tell by the
 * key, which is `<activity>:<task>:<keyAttempt>` once the executor has put the activity's id before it.
 */
export interface CallEffect {
  readonly kind: 'call';
  readonly task: string;
  readonly type: 'http';
  readonly attempt: number;
  readonly keyAttempt: number;
  /** How often the same attempt was handed out before; absent for never. */
  readonly repeats?: number;
  /** Resolved and checked. */
  readonly params: HttpCallParams;
  /** When the attempt is over, in milliseconds since 1970. */
  readonly timeoutAt?: number;
}

export type Effect = CallEffect;

export interface Advance {
  /** The same reference as was passed in when nothing changed. */
  readonly state: ActivityState;
  readonly effects: readonly Effect[];
  /** Made by this step, in order: what the commit of `state` adds to the activity's outbox. */
  readonly outbox: readonly OutboxEntry[];
}
