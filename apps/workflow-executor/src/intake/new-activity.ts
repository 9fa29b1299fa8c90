import { type Dispatch } from '@app/events';
import { type NewActivity } from '@app/persistence';

/** What a dispatch says should be on record. */
export function newActivityOf(dispatch: Dispatch, wakeAt: number): NewActivity {
  const { activityId, acceptedAt, recorded: _, ...facts } = dispatch;
  return { ...facts, id: activityId, createdAt: acceptedAt, wakeAt };
}
