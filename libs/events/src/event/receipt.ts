import type { Receipt } from '@flow-eventing/events';
import { type CloudEvent, contextAttributes } from './cloud-event.js';

/**
 * The receipt of an accepted event: its context attributes and the id of the activity, which replaces any
 * `activityid` of the sender. `event` has been through `stripReserved`.
 */
export function receiptOf(event: CloudEvent, activityId: string): Receipt {
  const receipt = contextAttributes(event);
  receipt['activityid'] = activityId;
  return receipt as unknown as Receipt;
}
