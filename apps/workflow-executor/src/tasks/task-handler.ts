import { type CallEffect, type TaskResult } from '@app/workflow-engine';

/** One attempt at a task's side effect. */
export interface TaskCall {
  readonly effect: CallEffect;
  /** The same for every repeat of an attempt whose outcome is unknown. */
  readonly idempotencyKey: string;
  /** W3C trace context for what is called. */
  readonly traceparent: string;
  /** Aborted when the result is no longer wanted: a timeout, a cancellation, a lost lease. */
  readonly abort: AbortSignal;
}

export type TaskOutcome = TaskResult['outcome'];

/** Carries out a task's side effect. It never rejects: what goes wrong is an outcome. */
export abstract class TaskHandler {
  abstract run(call: TaskCall): Promise<TaskOutcome>;
}
