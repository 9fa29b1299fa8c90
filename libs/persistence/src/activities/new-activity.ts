import { type Dispatch } from '@app/events';
import { type NewActivity } from './activity.js';

/** Nobody looks for an activity that somebody was told of before this has passed, in milliseconds. */
export const DISPATCH_GRACE_MS = 30_000;

/**
 * What is to be on record of a dispatch. Member by member, as everything on the way of every event:
 * rest is slow.
 *
 * @param wakeAt when somebody looks for it if nobody has begun it, in milliseconds since 1970
 */
export function newActivityOf(dispatch: Dispatch, wakeAt: number): NewActivity {
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
