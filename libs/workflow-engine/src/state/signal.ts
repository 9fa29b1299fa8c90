import { type JsonObject, type JsonValue } from '@app/json';
import { type Failure } from './failure.js';
import { type FinalStatus } from './activity-status.js';
import { type TaskResult } from './task-result.js';

interface Sent {
  /** Made by the sender. A signal is applied once, however often it comes. */
  readonly id: string;
  /** When it was sent, in whole milliseconds since 1970. */
  readonly at: number;
}

export interface CancelSignal extends Sent {
  readonly kind: 'cancel';
  readonly reason: string;
  /** The code of the run's failure; `CANCELLED` when absent. */
  readonly code?: string;
  /** The operator who cancelled it; absent if it was none. */
  readonly by?: string;
}

/** A signal of an operator. */
interface Requested {
  /**
   * The idempotency key of the operator's request, if it has one. It is recorded with the operation, also after the
   * end of the run, to recognize repeats.
   */
  readonly request?: string;
}

/** An operator begins all attempts that are waited for: of failed and paused tasks, and of the run. */
export interface ResumeSignal extends Sent, Requested {
  readonly kind: 'resume';
  readonly reason: string;
  readonly by: string;
}

/** The context attributes of a CloudEvent: core attributes and extensions, by name. */
export type EventAttributes = Readonly<Record<string, string | number | boolean>>;

/** An event for the tasks that wait for its topic, now or later in the run. */
export interface EventSignal extends Sent {
  readonly kind: 'event';
  readonly topic: string;
  /** A wait with a correlation key takes it only if this is the same, or absent. */
  readonly correlationKey?: string;
  readonly payload?: JsonValue;
  /** Those of the CloudEvent; absent if it was none, and in signals of earlier builds. */
  readonly attributes?: EventAttributes;
  /** The outcome that the event reports; absent for `succeeded`. */
  readonly outcome?: 'succeeded' | 'failed';
  /** The key of the wait (topic and correlation key) the store matched; absent if the sender named the run. */
  readonly wait?: string;
}

interface ToTask extends Sent {
  /** The name of the task it is for. */
  readonly task: string;
}

export interface VoteSignal extends ToTask {
  readonly kind: 'vote';
  /** The attempt in which the vote was given; absent from older builds, for any attempt. */
  readonly attempt?: number;
  readonly by: string;
  readonly verdict: 'approved' | 'rejected';
  readonly comment?: string;
}

/** The result of a worker. It counts only for the attempt that the worker was given. */
export interface WorkerResultSignal extends ToTask {
  readonly kind: 'worker-result';
  /** The queue of the answering worker, as the transport knows it. An answer from another queue is ignored. */
  readonly queue?: string;
  readonly attempt: number;
  readonly outcome: Extract<TaskResult['outcome'], { kind: 'succeeded' | 'failed' }>;
}

/** The progress of a worker; the last one counts. */
export interface WorkerProgressSignal extends ToTask {
  readonly kind: 'worker-progress';
  readonly queue: string;
  readonly attempt: number;
  /** From 0 to 100. */
  readonly percent?: number;
  readonly message?: string;
  /** Lines of the worker's log since its last progress. */
  readonly lines?: readonly string[];
}

/** A signal about a run that the task began in this attempt. */
interface OfChild extends ToTask {
  readonly attempt: number;
}

/** The child run is on record and will be driven. */
export interface ChildStartedSignal extends OfChild {
  readonly kind: 'child-started';
  /** The child's activity. */
  readonly child: string;
}

/** The child run was refused: there is none and will be none. */
export interface ChildRefusedSignal extends OfChild {
  readonly kind: 'child-refused';
  readonly code: string;
  readonly message: string;
}

export interface ChildEndedSignal extends OfChild {
  readonly kind: 'child-ended';
  /** The child's activity. */
  readonly child: string;
  /** The index of its item, for a child of a `map`. Such signals are deduplicated by this instead of the signal's id. */
  readonly index?: number;
  readonly status: FinalStatus;
  /** Absent when they have more than `CHILD_RESULTS_CHARS_MAX` characters. */
  readonly results?: JsonObject;
  readonly failure?: Failure;
}

/** The child runs for the items before the index `upTo` are on record. */
export interface ChildrenMadeSignal extends OfChild {
  readonly kind: 'children-made';
  readonly upTo: number;
}

/** The results of the child runs in the order of the list; null for one that did not succeed. */
export interface ChildrenResultsSignal extends OfChild {
  readonly kind: 'children-results';
  /** Absent when there are too many, or when they have more than `CHILD_RESULTS_CHARS_MAX` characters together. */
  readonly results?: readonly JsonValue[];
}

export interface LockGrantedSignal extends ToTask {
  readonly kind: 'lock-granted';
  readonly attempt: number;
  readonly lock: string;
}

/** The run has its slot and may begin. */
export interface SlotGrantedSignal extends Sent {
  readonly kind: 'slot-granted';
  /** The name of the slots; see `RunSlot`. */
  readonly slot: string;
}

/**
 * An operator ends a task that has begun, or begins another attempt of it. `retried`: the attempt begins now,
 * whatever the task's retry policy says. `skipped`: as if no path had led to the task.
 */
export interface ForceSignal extends ToTask, Requested {
  readonly kind: 'force';
  readonly outcome: 'succeeded' | 'failed' | 'skipped' | 'retried';
  readonly results?: JsonObject;
  readonly reason: string;
  readonly by: string;
}

/** The signals that a task's behaviour can receive. */
export type TaskSignal =
  | EventSignal
  | VoteSignal
  | WorkerResultSignal
  | WorkerProgressSignal
  | ChildStartedSignal
  | ChildRefusedSignal
  | ChildEndedSignal
  | ChildrenMadeSignal
  | ChildrenResultsSignal
  | LockGrantedSignal;

/** Something that happens to a running activity from outside. */
export type Signal = CancelSignal | ForceSignal | ResumeSignal | SlotGrantedSignal | TaskSignal;
