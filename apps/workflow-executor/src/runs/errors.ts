import { FlowError } from '@app/errors';

/** How often in a row others may write first before a run is left to the sweeper. */
export const REBASES_MAX = 20;

/** Another process wrote to the activity before each write of this driver. */
export class ActivityContendedError extends FlowError {
  readonly code = 'ACTIVITY_CONTENDED';
  readonly kind = 'transient';

  constructor(activityId: string) {
    super(`Activity "${activityId}" is being written by other processes; it is tried again later`);
  }
}

/** Whether the failure was no fault of the activity, and another attempt can succeed. */
export function isTransient(error: unknown): boolean {
  return error instanceof FlowError && (error.kind === 'transient' || error.kind === 'overloaded');
}

/** @throws the failure, if no other attempt can succeed */
export function notNowIfTransient(error: unknown): 'not-now' {
  if (!isTransient(error)) throw error;
  return 'not-now';
}

/** The executor is shutting down and takes no more work. */
export class ExecutorStoppingError extends FlowError {
  readonly code = 'EXECUTOR_STOPPING';
  readonly kind = 'transient';

  constructor() {
    super('This executor is stopping; another one takes the work', { retryAfterSeconds: 1 });
  }
}
