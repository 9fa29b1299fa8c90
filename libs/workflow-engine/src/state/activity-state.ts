import { type JsonObject } from '@app/json';
import { type Hold, type OutboxEntry } from './outbox-entry.js';
import { type ForceSignal, type Signal, type TaskSignal } from './signal.js';
import { type TaskResult } from './task-result.js';
import { type WaitingTask, type WaitKind } from './waiting.js';
import { type ActivityStatus, type FinalStatus } from './activity-status.js';
import { type WhenFull } from '../definition/definition.js';
import { type Failure } from './failure.js';
import { type AttemptState } from './attempt.js';
import { type Call, type CallType } from './call.js';

/**
 * The versions of the installation's parameters and secrets, and of the workflow's secrets, that a run is pinned to:
 * the latest ones when it began. A member is absent if there were none.
 */
export interface ScopeVersions {
  readonly installation?: number;
  readonly workflow?: number;
}

/** All instants are milliseconds since 1970; attempts count from 1. */
export type TaskState =
  | ({ readonly status: 'pending' } & PerhapsKept)
  | (AttemptState & {
      /** An effect was handed out and its result is awaited. */
      readonly status: 'running';
      /** Set while the call waits for a slot. `timeoutAt` is set when the call begins, this many milliseconds later. */
      readonly queued?: { readonly timeoutMs: number };
    })
  | WaitingTask
  | {
      readonly status: 'succeeded';
      readonly attempt: number;
      /** When the last attempt began. */
      readonly startedAt: number;
      readonly endedAt: number;
      readonly results: JsonObject;
      /** Set when its results were too large to be recorded and were dropped. */
      readonly cut?: true;
      /** Set when an operator ended it. */
      readonly forced?: Forced;
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
      readonly forced?: Forced;
      readonly open?: OpenKey;
    }
  | {
      readonly status: 'cancelled';
      readonly endedAt: number;
      readonly startedAt?: number;
      readonly attempt?: number;
      readonly open?: OpenKey;
    }
  | ({
      readonly status: 'skipped';
      readonly endedAt: number;
      readonly forced?: Forced;
      /** Set when an operator skipped an attempt. */
      readonly attempt?: number;
      readonly open?: OpenKey;
    } & PerhapsKept);

/**
 * The idempotency key of calls whose outcome is unknown. The next attempt of the task uses it again, in this run or
 * in a run that continues it. Absent when every call is known to have failed.
 */
export interface OpenKey {
  /** The attempt that the key is named after. */
  readonly attempt: number;
  /** When the first call with the key was handed out. */
  readonly at: number;
}

/** How a task ended that succeeded in the run that this one continues. */
export interface KeptEnd {
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly forced?: Forced;
}

/** Set for a task that is not run again: it takes this end and these results when it is reached. */
interface PerhapsKept {
  readonly kept?: KeptEnd;
  readonly results?: JsonObject;
}

/** The operator who decided about a task, and the reason given. */
export interface Forced {
  readonly by: string;
  readonly reason: string;
}

/** An operator's operation on a run, or on one of its tasks. */
export interface Operation {
  readonly at: number;
  readonly by: string;
  readonly what: ForceSignal['outcome'] | 'resumed' | 'cancelled';
  readonly task?: string;
  readonly reason: string;
  /** The key of the request, by which a repeat is recognized; absent if the caller gave none. */
  readonly request?: string;
}

export type TaskStatus = TaskState['status'];

/**
 * The state of one activity's run: all that the engine can't compute from plan and scope. It is plain JSON and can
 * be stored as it is. Parameters are not part of it (see `RunScope`).
 */
export interface ActivityState {
  /** `queued` while it waits for a slot: see `slot`. */
  readonly status: ActivityStatus;
  /** When the run began; while it is `queued`, when it asked for its slot. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** When the workflow's own timeout ends the run. */
  readonly timeoutAt?: number;
  readonly tasks: Readonly<Record<string, TaskState>>;
  /** The results of the run, which tasks of type `set-property` set. */
  readonly results: JsonObject;
  /** Absent for a run without versioned parameters and secrets. */
  readonly scope?: ScopeVersions;
  /** The slot that it has or waits for; absent if its workflow has no bound of concurrent runs. */
  readonly slot?: RunSlot;
  /** Set for a run that continues another one. */
  readonly earlier?: EarlierAttempts;
  /** The attempt of the run by its workflow's retry policy; absent in the first. */
  readonly again?: RunAgain;
  /** How many outbox entries its steps have made so far, from which the next id is made; absent for none. */
  readonly outboxCount?: number;
  /** What it holds outside and has to give back; absent for nothing. */
  readonly holds?: readonly Hold[];
  /** The ids of the signals that were applied last, at most `TAKEN_SIGNALS_MAX`; absent for none. */
  readonly taken?: readonly string[];
  /** Signals that came before anything waited for them, at most `EARLY_SIGNALS_MAX`. */
  readonly early?: readonly TaskSignal[];
  /** How many early signals were dropped, because there were too many; absent for none. */
  readonly earlyLost?: number;
  /** The operations of operators on it, the last `OPERATIONS_MAX`; absent for none. */
  readonly operations?: readonly Operation[];
  readonly failure?: Failure;
  /** Set when all tasks but those of `finally` are over; absent without such tasks. */
  readonly concluded?: Concluded;
  /** The status that a task of type `set-status` has set for the end of the run. */
  readonly statusOverride?: StatusOverride;
  /** What the run waits for, when it waits: a sentence an operator can act on, and since when. */
  readonly waitingFor?: readonly WaitingFor[];
}

/** A run's slot among those of its workflow that may be under way at once; see `Concurrency`. */
export interface RunSlot {
  /** The name of the group of runs that share the slots, made of workflow and key. */
  readonly name: string;
  /** The resolved key of the definition; absent if all runs of the workflow share the slots. */
  readonly key?: string;
  readonly limit: number;
  readonly whenFull?: WhenFull;
  readonly debounceMs?: number;
  readonly throttleMs?: number;
  /** When the slot was granted, in whole milliseconds since 1970; absent while the run waits for it. */
  readonly grantedAt?: number;
}

/** For a run that continues another one, by task: the numbers of attempts so far, and the open keys, which stay in use. */
export interface EarlierAttempts {
  readonly attempts: Readonly<Record<string, number>>;
  readonly keys: Readonly<Record<string, OpenKey>>;
}

/** A further attempt of a whole run. */
export interface RunAgain {
  /** From 2. */
  readonly attempt: number;
  /** When the attempt before ended, in milliseconds since 1970. */
  readonly since: number;
  /** Why the attempt before failed. */
  readonly failure: Failure;
  /** When the attempt begins, in milliseconds since 1970; absent once it has begun. */
  readonly until?: number;
}

/** The final status of a run, and why it did not succeed. */
export interface Outcome {
  readonly status: FinalStatus;
  readonly failure?: Failure;
}

export interface Concluded {
  readonly at: number;
  /** The outcome before the tasks of `finally`, whose failures may still change it. */
  readonly outcome: Outcome;
  /** The outcome that tasks of `finally` are told, if a cancellation among them has replaced it. */
  readonly told?: Outcome;
  /** Set when the run was cancelled or timed out: nothing changes that outcome. */
  readonly isForced?: true;
}

export interface StatusOverride {
  readonly status: FinalStatus;
  readonly message?: string;
}

export interface WaitingFor {
  /** The name of the waiting task; empty when the run as a whole waits. */
  readonly task: string;
  /** `call`: the answer to a call that is under way; else see `WaitReason`. */
  readonly kind: WaitKind | 'call';
  readonly what: string;
  readonly since: number;
  readonly until?: number;
}

/** The input of a run from its event. The engine never resolves `$(...)` in it. */
export interface EventInput {
  /** Members of the event's data (and of its `inputs`) as parameters, and `data`, the whole of it. */
  readonly params: JsonObject;
}

/**
 * An input of `advance`. `time` lets due timers fire. `resume` hands out the effects of running tasks again (of all,
 * or of those named), because the executor that had them died, and restarts their timeouts.
 */
export type Input =
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'task-result'; readonly result: TaskResult }
  | { readonly kind: 'time' }
  | { readonly kind: 'resume'; readonly tasks?: readonly string[] };

/**
 * A call that an executor must carry out. The receiver can recognize a repeat by the idempotency key, which the
 * executor makes as `<activity>:<task>:<keyAttempt>`.
 */
export type CallEffect<Type extends CallType = CallType> = Call<Type> & {
  readonly kind: 'call';
  readonly task: string;
  readonly attempt: number;
  readonly keyAttempt: number;
  /** How often this attempt was handed out before; absent for never. */
  readonly repeats?: number;
  /** When the attempt is over, in milliseconds since 1970. */
  readonly timeoutAt?: number;
};

export type Effect = CallEffect;

export interface Advance {
  /** The same reference as was passed in when nothing changed. */
  readonly state: ActivityState;
  readonly effects: readonly Effect[];
  /** The entries made by this step, in order, which the commit of `state` adds to the activity's outbox. */
  readonly outbox: readonly OutboxEntry[];
}
