/** Every status an activity can have. `queued` is before the engine has seen it. */
export const ACTIVITY_STATUSES = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'timedout',
] as const;

export type ActivityStatus = (typeof ACTIVITY_STATUSES)[number];
export type FinalStatus = Extract<
  ActivityStatus,
  'succeeded' | 'failed' | 'cancelled' | 'timedout'
>;

const FINAL_STATUSES: readonly ActivityStatus[] = ['succeeded', 'failed', 'cancelled', 'timedout'];

/** Whether an activity in that status will never change again. */
export function isFinal(status: ActivityStatus): status is FinalStatus {
  return FINAL_STATUSES.includes(status);
}
