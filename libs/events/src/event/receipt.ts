import type { Receipt } from '@flow-eventing/events';
import { type CloudEvent, contextAttributes } from './cloud-event.js';

/**
 * What the sender of an accepted event gets back: its context attributes and, whatever the sender
 * had put there, the id of the activity. `event` has been through `stripReserved`.
 */
export function receiptOf(event: CloudEvent, activityId: string): Receipt {
  const receipt = contextAttributes(event);
  receipt['activityid'] = activityId;
  return receipt as unknown as Receipt;
}
