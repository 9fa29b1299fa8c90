import {
  type CallEffect,
  type CallType,
  type RunScope,
  type TaskProgress,
  type TaskResult,
  BUILT_IN_TASKS,
  type TaskBehaviours,
} from '@app/workflow-engine';

/** One attempt at a task's side effect. */
export interface TaskCall<Type extends CallType = CallType> {
  readonly effect: CallEffect<Type>;
  /** Whose run it belongs to; each workflow has its share of what calls may take. */
  readonly workflowId: string;
  /** Which secrets it may have, how they are marked in the parameters of the effect, and what its event has. */
  readonly scope: Pick<RunScope, 'versions' | 'secretNonce' | 'hops' | 'root'> &
    Partial<Pick<RunScope, 'context'>>;
  /** The same for every repeat of an attempt whose outcome is unknown. */
  readonly idempotencyKey: string;
  /** W3C trace context for what is called. */
  readonly traceparent: string;
  /** Aborted when the result is no longer wanted: a timeout, a cancellation, a lost lease. */
  readonly abort: AbortSignal;
  /** What its run holds of the memory meanwhile, as it is stored. */
  readonly bytes: number;
  /** Resolves when there is room for an answer of so many bytes. Ask once, before any of it is read. */
  readonly roomForAnswer: (bytes: number) => Promise<void>;
  /** To be told when the call has to wait for a place, and when it begins after that. */
  readonly report: (progress: TaskProgress['kind']) => void;
}

export type TaskOutcome = Exclude<TaskResult['outcome'], TaskProgress>;

/** Carries out a task's side effect. It never rejects: what goes wrong is an outcome. */
export abstract class TaskHandler<Type extends CallType = CallType> {
  abstract run(call: TaskCall<Type>): Promise<TaskOutcome>;
}

/** The task types that this executor runs: what is validated and compiled against. */
export const TASK_TYPES_RUN: TaskBehaviours = BUILT_IN_TASKS;
