import { type Dispatch } from '@app/events';
import { type NewActivity } from '@app/persistence';

/** What a dispatch says should be on record. */
export function newActivityOf(dispatch: Dispatch, wakeAt: number): NewActivity {
  const { activityId, workflowId, workflowRevision, trigger, acceptedAt, event } = dispatch;
  return {
    id: activityId,
    workflowId,
    workflowRevision,
    trigger,
    createdAt: acceptedAt,
    event,
    wakeAt,
  };
}
