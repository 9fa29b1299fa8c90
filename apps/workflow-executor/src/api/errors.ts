import { FlowError } from '@app/errors';

/** What has ended can't be cancelled. */
export class ActivityEndedError extends FlowError {
  readonly code = 'ACTIVITY_ENDED';
  readonly kind = 'conflict';

  constructor(activityId: string) {
    super(`Activity "${activityId}" has ended already`);
  }
}
