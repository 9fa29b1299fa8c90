import { type AttributeValue, type CloudEvent, contextAttributes } from './cloud-event.js';

/** The members of an accepted event's receipt: an event in structured mode without data. */
export type Receipt = Readonly<Record<string, AttributeValue>>;

/**
 * What the sender of an accepted event gets back: its context attributes and, whatever the sender
 * had put there, the id of the activity. `event` has been through `stripReserved`.
 */
export function receiptOf(event: CloudEvent, activityId: string): Receipt {
  const receipt = contextAttributes(event);
  receipt['activityid'] = activityId;
  return receipt;
}
