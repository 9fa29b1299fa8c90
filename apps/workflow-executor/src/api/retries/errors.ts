import { FlowError } from '@app/errors';

/** What has not ended goes on by itself, or is told what to do. */
export class ActivityNotEndedError extends FlowError {
  readonly code = 'ACTIVITY_NOT_ENDED';
  readonly kind = 'conflict';

  constructor(activityId: string) {
    super(
      `Activity "${activityId}" has not ended; cancel it first, or tell the tasks that it waits for what to do`,
    );
  }
}

/** There is nothing that could be done again. */
export class ActivityNotRetriableError extends FlowError {
  readonly code = 'ACTIVITY_NOT_RETRIABLE';
  readonly kind = 'conflict';

  constructor(activityId: string, why: string) {
    super(`Activity "${activityId}" can't be retried: ${why}`);
  }
}

/** It was begun anew already, in another way than is asked for now. */
export class ActivityRetriedError extends FlowError {
  readonly code = 'ACTIVITY_RETRIED';
  readonly kind = 'conflict';

  constructor(activityId: string, retriedAs: string) {
    super(
      `Activity "${activityId}" was retried already, as "${retriedAs}" and in another way; retry that one once it has ended`,
    );
  }
}

/** What it had outside is not given back yet: another run of it could meet its own leavings. */
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
