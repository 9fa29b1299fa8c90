import { FlowError } from '@app/errors';

/** A run that has not ended can't be retried: it goes on, or waits for a decision about a task. */
export class ActivityNotEndedError extends FlowError {
  readonly code = 'ACTIVITY_NOT_ENDED';
  readonly kind = 'conflict';

  constructor(activityId: string) {
    super(
      `Activity "${activityId}" has not ended; cancel it first, or decide how the tasks that it waits for end`,
    );
  }
}

/** The activity cannot be retried, for a reason that does not pass. */
export class ActivityNotRetriableError extends FlowError {
  readonly code = 'ACTIVITY_NOT_RETRIABLE';
  readonly kind = 'conflict';

  constructor(activityId: string, why: string) {
    super(`Activity "${activityId}" can't be retried: ${why}`);
  }
}

/** The activity was already retried, with other options than this request has. */
export class ActivityRetriedError extends FlowError {
  readonly code = 'ACTIVITY_RETRIED';
  readonly kind = 'conflict';

  constructor(activityId: string, retriedAs: string) {
    super(
      `Activity "${activityId}" was retried already, as "${retriedAs}" and with other options; retry that one once it has ended`,
    );
  }
}

/** The run has not yet released what it held outside, such as a lock. Its retry could wait for that lock. */
export class ActivitySettlingError extends FlowError {
  readonly code = 'ACTIVITY_SETTLING';
  readonly kind = 'transient';

  constructor(activityId: string, kinds: readonly string[]) {
    super(
      `Activity "${activityId}" has not yet released what it held outside (${kinds.join(', ')}); try again`,
      { retryAfterSeconds: 1 },
    );
  }
}
