import { type Activity } from '@app/persistence';

/** Which run an operator retried, and how. */
export interface RetryOfView {
  readonly activityId: string;
  /** The first of them, which an event or a task began. */
  readonly first: string;
  /** 2 for the first retry. */
  readonly attempt: number;
  readonly from: string;
  readonly revision: string;
  readonly by: string;
  readonly reason: string;
}

export function retryOfView(retryOf: Activity['retryOf']): RetryOfView | undefined {
  if (!retryOf) return undefined;
  const { activity: activityId, first, attempt, from, revision, by, reason } = retryOf;
  return { activityId, first, attempt, from, revision, by, reason };
}
