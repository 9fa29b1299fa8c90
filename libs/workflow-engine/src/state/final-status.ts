import { type ActivityStatus, type FinalStatus } from './activity-status.js';

const FINAL_STATUSES: readonly ActivityStatus[] = ['succeeded', 'failed', 'cancelled', 'timedout'];

/** Whether an activity in that status will never change again. */
export function isFinal(status: ActivityStatus): status is FinalStatus {
  return FINAL_STATUSES.includes(status);
}
