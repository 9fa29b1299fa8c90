import { FlowError } from '@app/errors';

/** How often in a row others may write first before a run is left to the sweeper. */
export const REBASES_MAX = 20;

/** Others wrote to the activity each time before this driver could. */
export class ActivityContendedError extends FlowError {
  readonly code = 'ACTIVITY_CONTENDED';
  readonly kind = 'transient';

  constructor(activityId: string) {
    super(`Activity "${activityId}" is being written by others; it is looked at again later`);
  }
}

/** Whether what failed was no fault of the activity and can go well another time. */
export function isTransient(error: unknown): boolean {
  return error instanceof FlowError && (error.kind === 'transient' || error.kind === 'overloaded');
}

/** @throws what will not go well another time either */
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
