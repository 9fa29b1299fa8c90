import { FlowError } from '@app/errors';

/** A run that has not ended can't be retried: it goes on, or waits for a decision about a task. */
export class ActivityNotEndedError extends FlowError {
  readonly code = 'ACTIVITY_NOT_ENDED';
  readonly kind = 'conflict';

  constructor(activityId: string) {
    super(
      `Activity "${activityId}" has not ended; cancel it first, or tell the tasks that it waits for what to do`,
    );
  }
}

/** Nothing in the activity can be done again. */
export class ActivityNotRetriableError extends FlowError {
  readonly code = 'ACTIVITY_NOT_RETRIABLE';
  readonly kind = 'conflict';

  constructor(activityId: string, why: string) {
    super(`Activity "${activityId}" can't be retried: ${why}`);
  }
}

/** It was retried already, with other options than are requested now. */
export class ActivityRetriedError extends FlowError {
  readonly code = 'ACTIVITY_RETRIED';
  readonly kind = 'conflict';

  constructor(activityId: string, retriedAs: string) {
    super(
      `Activity "${activityId}" was retried already, as "${retriedAs}" and in another way; retry that one once it has ended`,
    );
  }
}

/** The run has not yet given back what it holds outside, such as a lock: its retry could wait for the run itself. */
export class ActivitySettlingError extends FlowError {
  readonly code = 'ACTIVITY_SETTLING';
  readonly kind = 'transient';

  constructor(activityId: string, kinds: readonly string[]) {
    super(
      `Activity "${activityId}" has still to give back what it had outside (${kinds.join(', ')}); try again`,
      { retryAfterSeconds: 1 },
    );
  }
}
