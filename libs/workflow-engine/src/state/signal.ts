import { type JsonObject, type JsonValue } from '@app/json';
import { type Failure } from './failure.js';
import { type FinalStatus } from './activity-status.js';
import { type TaskResult } from './task-result.js';

interface Sent {
  /** Made by the sender. However often one comes, it is applied once. */
  readonly id: string;
  /** When it was sent, in whole milliseconds since 1970. */
  readonly at: number;
}

export interface CancelSignal extends Sent {
  readonly kind: 'cancel';
  readonly reason: string;
  /** Of the failure; absent when somebody cancels it. */
  readonly code?: string;
  /** Absent where no operator did it. */
  readonly by?: string;
}

/** Of an operator whose caller gives its requests keys. */
interface Requested {
  /** The same for the same request; it stays on record with what was done, also when the run is over. */
  readonly request?: string;
}

/** An operator lets all go on that waits for another attempt: tasks after a failure, paused ones too, and the run. */
export interface ResumeSignal extends Sent, Requested {
  readonly kind: 'resume';
  readonly reason: string;
  readonly by: string;
}

/** For whatever waits for that topic, now or later in the run. */
export interface EventSignal extends Sent {
  readonly kind: 'event';
  readonly topic: string;
  /** A wait with a correlation key takes it only if this is the same, or absent. */
  readonly correlationKey?: string;
  readonly payload?: JsonValue;
  /** Whether what the topic tells of went well; absent for yes. */
  readonly outcome?: 'succeeded' | 'failed';
  /** The wait that the store matched it with, by topic and key; absent where the sender named the run. */
  readonly wait?: string;
}

interface ToTask extends Sent {
  /** The task that it is for. */
  readonly task: string;
}

export interface VoteSignal extends ToTask {
  readonly kind: 'vote';
  /** That it was given in; absent from builds before, which mean any. */
  readonly attempt?: number;
  readonly by: string;
  readonly verdict: 'approved' | 'rejected';
  readonly comment?: string;
}

/** Counts only for the attempt that the worker was given. */
export interface WorkerResultSignal extends ToTask {
  readonly kind: 'worker-result';
  /** Of the workers that may answer for it, as the transport tells: another one's answer changes nothing. */
  readonly queue?: string;
  readonly attempt: number;
  readonly outcome: Extract<TaskResult['outcome'], { kind: 'succeeded' | 'failed' }>;
}

/** How far a worker is; the last one counts. */
export interface WorkerProgressSignal extends ToTask {
  readonly kind: 'worker-progress';
  readonly queue: string;
  readonly attempt: number;
  /** From 0 to 100. */
  readonly percent?: number;
  readonly message?: string;
  /** Lines of its log, since the progress before. */
  readonly lines?: readonly string[];
}

/** Of a run that the task began with that attempt. */
interface OfChild extends ToTask {
  readonly attempt: number;
}

/** It is on record, and somebody begins it. */
export interface ChildStartedSignal extends OfChild {
  readonly kind: 'child-started';
  /** The child's activity. */
  readonly child: string;
}

/** There is none, and will be none. */
export interface ChildRefusedSignal extends OfChild {
  readonly kind: 'child-refused';
  readonly code: string;
  readonly message: string;
}

export interface ChildEndedSignal extends OfChild {
  readonly kind: 'child-ended';
  /** The child's activity. */
  readonly child: string;
  /** Of the item that it is for, if it is one of many; those count by this, and not by the signal's id. */
  readonly index?: number;
  readonly status: FinalStatus;
  /** Absent when they are more than `CHILD_RESULTS_CHARS_MAX`. */
  readonly results?: JsonObject;
  readonly failure?: Failure;
}

/** Of the runs for the items of a list, those before this index are on record. */
export interface ChildrenMadeSignal extends OfChild {
  readonly kind: 'children-made';
  readonly upTo: number;
}

/** What they gave, in the order of the list; null for one that did not succeed. */
export interface ChildrenResultsSignal extends OfChild {
  readonly kind: 'children-results';
  /** Absent when they are too many, or more than `CHILD_RESULTS_CHARS_MAX` together. */
  readonly results?: readonly JsonValue[];
}

export interface LockGrantedSignal extends ToTask {
  readonly kind: 'lock-granted';
  readonly attempt: number;
  readonly lock: string;
}

/** The run may begin. */
export interface SlotGrantedSignal extends Sent {
  readonly kind: 'slot-granted';
  /** The name of the slots; see `RunSlot`. */
  readonly slot: string;
}

/**
 * An operator decides what becomes of a task that has begun and does not end. `retried`: another attempt
 * begins now, whatever the task's policy says. `skipped`: as if nothing had led to it.
 */
export interface ForceSignal extends ToTask, Requested {
  readonly kind: 'force';
  readonly outcome: 'succeeded' | 'failed' | 'skipped' | 'retried';
  readonly results?: JsonObject;
  readonly reason: string;
  readonly by: string;
}

/** What a task's behaviour may be told. */
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
