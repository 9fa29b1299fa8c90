import { type Dispatch } from '@app/events';
import { type DispatchedActivity } from './activity.js';

/** The sweeper ignores a dispatched activity for this long, in milliseconds. */
export const DISPATCH_GRACE_MS = 30_000;

/**
 * The record of a dispatched event. Its members are set one by one, because this is on the way of every event and
 * rest syntax is slow.
 *
 * @param wakeAt when a sweeper takes it up if no executor has begun it, in milliseconds since 1970
 */
export function newActivityOf(dispatch: Dispatch, wakeAt: number): DispatchedActivity {
  const { activityId, workflowId, workflowRevision, requires } = dispatch;
  const { trigger, acceptedAt, event, request, quotaMonth } = dispatch;
  return {
    id: activityId,
    workflowId,
    workflowRevision,
    requires,
    trigger,
    createdAt: acceptedAt,
    event,
    request,
    quotaMonth,
    wakeAt,
  };
}
