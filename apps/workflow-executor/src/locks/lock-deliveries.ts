import {
  LOCK_RELEASE,
  LOCK_REQUEST,
  type LockEntry,
  SLOT_RELEASE,
  SLOT_REQUEST,
  type SlotEntry,
} from '@app/workflow-engine';
import { type OutboxDeliveries, recordedDeliveries } from '../outbox/outbox-delivery.js';
import { type LockService } from './lock-service.js';
import { type SlotService } from './slot-service.js';

/** The deliveries for locks of tasks. A queue is in the order in which the tasks asked. */
export function lockDeliveries(locks: Pick<LockService, 'ask' | 'release'>): OutboxDeliveries {
  return recordedDeliveries({
    [LOCK_REQUEST]: ({ payload, createdAt }, { id }) =>
      locks.ask(id, payload as LockEntry, createdAt),
    [LOCK_RELEASE]: ({ payload }, { id }) => locks.release(id, payload as LockEntry),
  });
}

/** The deliveries for slots of runs. A queue is in the order in which the activities were accepted. */
export function slotDeliveries(slots: Pick<SlotService, 'ask' | 'release'>): OutboxDeliveries {
  return recordedDeliveries({
    [SLOT_REQUEST]: ({ payload }, { id, createdAt }) =>
      slots.ask(id, payload as SlotEntry, createdAt),
    [SLOT_RELEASE]: ({ payload }, { id }) => slots.release(id, payload as SlotEntry),
  });
}
