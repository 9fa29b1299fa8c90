import { type JsonObject } from '@app/json';
import { type Hold, type OutboxEntry } from './outbox-entry.js';
import { type ForceSignal, type Signal, type TaskSignal } from './signal.js';
import { type TaskResult } from './task-result.js';
import { type WaitingTask, type WaitKind } from './waiting.js';
import { type ActivityStatus, type FinalStatus } from './activity-status.js';
import { type WhenFull } from '../definition/definition.js';
import { type Failure } from './failure.js';
import { type Call, type CallType } from './call.js';

/**
 * By which versions of the installation's parameters and secrets, and of its workflow's secrets, a run goes: those
 * that were the latest when it began. Absent where there were none.
 */
export interface ScopeVersions {
  readonly installation?: number;
  readonly workflow?: number;
}

/** All instants are milliseconds since 1970; attempts count from 1. */
export type TaskState =
  | ({ readonly status: 'pending' } & PerhapsKept)
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
      /** When the first attempt with that key was handed out; absent when it is this hand-out (`startedAt`). */
      readonly keyAt?: number;
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
      /** Its results did not fit on record, and are gone. */
      readonly cut?: true;
      /** An operator ended it. */
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
    } & PerhapsKept);

/**
 * The key of calls of which it is not known whether they had an effect: whoever tries the task again, in this
 * run or in one that goes on from it, uses that one. Absent where nothing is open.
 */
export interface OpenKey {
  /** The attempt that the key is named after. */
  readonly attempt: number;
  /** When it was handed out first. */
  readonly at: number;
}

/** How a task ended that succeeded in the run which this one goes on from. */
export interface KeptEnd {
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly forced?: Forced;
}

/** Of a task that is not done again: it takes this, with the results, when it is reached. */
interface PerhapsKept {
  readonly kept?: KeptEnd;
  readonly results?: JsonObject;
}

/** Who decided about a task, and why. */
export interface Forced {
  readonly by: string;
  readonly reason: string;
}

/** What an operator did to a run, or to one of its tasks. */
export interface Operation {
  readonly at: number;
  readonly by: string;
  readonly what: ForceSignal['outcome'] | 'resumed' | 'cancelled';
  readonly task?: string;
  readonly reason: string;
  /** By what the same request is known; absent where its caller gave it no key. */
  readonly request?: string;
}

export type TaskStatus = TaskState['status'];

/**
 * The run of one activity: what the engine can't compute from plan and scope. Plain JSON, so it can
 * be stored as it is. Parameters are not in it: see `RunScope`.
 */
export interface ActivityState {
  /** `queued` while it waits for a slot: see `slot`. */
  readonly status: ActivityStatus;
  /** While it is `queued`: when it asked for its slot. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** When the workflow's own timeout ends the run. */
  readonly timeoutAt?: number;
  readonly tasks: Readonly<Record<string, TaskState>>;
  /** Set by `set-property`: the results of the whole run. */
  readonly results: JsonObject;
  /** Absent for a run that goes by none. */
  readonly scope?: ScopeVersions;
  /** What it has, or waits for, to be one of those that may be under way; absent where any number may be. */
  readonly slot?: RunSlot;
  /** Of a run that goes on from another one; absent for all others. */
  readonly earlier?: EarlierAttempts;
  /** Since its workflow let the run begin again; absent in its first attempt. */
  readonly again?: RunAgain;
  /** How many entries its steps have made for the outbox; absent for none. */
  readonly outboxCount?: number;
  /** What it has outside and has to give back; absent for nothing. */
  readonly holds?: readonly Hold[];
  /** The ids of the signals that were applied last, at most `TAKEN_SIGNALS_MAX`; absent for none. */
  readonly taken?: readonly string[];
  /** Signals that came before anything waited for them, at most `EARLY_SIGNALS_MAX`. */
  readonly early?: readonly TaskSignal[];
  /** What operators have done to it, the last `OPERATIONS_MAX`; absent for nothing. */
  readonly operations?: readonly Operation[];
  /** How many of those were not kept, because there were too many. */
  readonly earlyLost?: number;
  readonly failure?: Failure;
  /** All but the tasks of `finally` are over, and those begin; absent before, and without such tasks. */
  readonly concluded?: Concluded;
  /** What a task has said that the run ends as. */
  readonly statusOverride?: StatusOverride;
  /** What the run waits for, when it waits: a sentence an operator can act on, and since when. */
  readonly waitingFor?: readonly WaitingFor[];
}

/** A run's place among those of its workflow that may be under way at once; see `Concurrency`. */
export interface RunSlot {
  /** Of those that share the slots: workflow and key. */
  readonly name: string;
  /** As the definition makes it of the event; absent where all runs of the workflow share the slots. */
  readonly key?: string;
  readonly limit: number;
  readonly whenFull?: WhenFull;
  readonly debounceMs?: number;
  readonly throttleMs?: number;
  /** When it was given; absent while the run waits for it. In whole milliseconds since 1970. */
  readonly grantedAt?: number;
}

/** What came before the first attempts of a run, by task: the numbers go on, and open keys stay in use. */
export interface EarlierAttempts {
  readonly attempts: Readonly<Record<string, number>>;
  readonly keys: Readonly<Record<string, OpenKey>>;
}

/** Another attempt of a whole run. */
export interface RunAgain {
  /** From 2. */
  readonly attempt: number;
  /** When the attempt before was over, in milliseconds since 1970, and why it failed. */
  readonly since: number;
  readonly failure: Failure;
  /** When it begins; absent once it has. */
  readonly until?: number;
}

/** What a run ends as. */
export interface Outcome {
  readonly status: FinalStatus;
  readonly failure?: Failure;
}

export interface Concluded {
  readonly at: number;
  /** As far as it is known before the tasks of `finally`. */
  readonly outcome: Outcome;
  /** The run was cancelled, or took too long: nothing else decides any more. */
  readonly isForced?: true;
}

export interface StatusOverride {
  readonly status: FinalStatus;
  readonly message?: string;
}

export interface WaitingFor {
  /** Empty where the run as a whole waits. */
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
export type CallEffect<Type extends CallType = CallType> = Call<Type> & {
  readonly kind: 'call';
  readonly task: string;
  readonly attempt: number;
  readonly keyAttempt: number;
  /** How often the same attempt was handed out before; absent for never. */
  readonly repeats?: number;
  /** When the attempt is over, in milliseconds since 1970. */
  readonly timeoutAt?: number;
};

export type Effect = CallEffect;

export interface Advance {
  /** The same reference as was passed in when nothing changed. */
  readonly state: ActivityState;
  readonly effects: readonly Effect[];
  /** Made by this step, in order: what the commit of `state` adds to the activity's outbox. */
  readonly outbox: readonly OutboxEntry[];
}
