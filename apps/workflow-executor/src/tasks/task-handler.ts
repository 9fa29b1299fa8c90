import { DEFAULT_FILTER_LIMITS, type FilterLimits } from '@app/filters';
import {
  type CallEffect,
  type CallType,
  type RunScope,
  type TaskProgress,
  type TaskResult,
  builtInTasksWith,
  type TaskBehaviours,
} from '@app/workflow-engine';
import { eventFilters } from './event-filters.js';

/** One attempt at a task's side effect. */
export interface TaskCall<Type extends CallType = CallType> {
  readonly effect: CallEffect<Type>;
  /** The workflow of the run. Limits of calls are also kept for each workflow. */
  readonly workflowId: string;
  /** The secrets that the call may use, their marks in the parameters of the effect, and facts of the run's event. */
  readonly scope: Pick<RunScope, 'versions' | 'secretNonce' | 'secretParams' | 'hops' | 'root'> &
    Partial<Pick<RunScope, 'context'>>;
  /** The same for every repeat of an attempt whose outcome is unknown. */
  readonly idempotencyKey: string;
  /** The W3C trace context for the target. */
  readonly traceparent: string;
  /** Aborted when the result is no longer wanted: a timeout, a cancellation, a lost lease. */
  readonly abort: AbortSignal;
  /** The memory that the run holds meanwhile: the size of its stored record, in bytes. */
  readonly bytes: number;
  /** Resolves when there is room for an answer of so many bytes. Call it once, before the answer is read. */
  readonly roomForAnswer: (bytes: number) => Promise<void>;
  /** Reports that the call waits for a slot, and that it begins after such a wait. */
  readonly report: (progress: TaskProgress['kind']) => void;
}

export type TaskOutcome = Exclude<TaskResult['outcome'], TaskProgress>;

/** Carries out the side effect of a task. It never rejects: errors are outcomes. */
export abstract class TaskHandler<Type extends CallType = CallType> {
  abstract run(call: TaskCall<Type>): Promise<TaskOutcome>;
}

/** The task types that this executor runs. Workflows are validated and compiled against them. */
export const TASK_TYPES_RUN: TaskBehaviours = taskTypesWithin(DEFAULT_FILTER_LIMITS);

/** The same with filters of events within these limits. */
export function taskTypesWithin(limits: FilterLimits): TaskBehaviours {
  return builtInTasksWith(eventFilters(limits));
}
