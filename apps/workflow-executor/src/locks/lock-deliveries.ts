import {
  LOCK_RELEASE,
  LOCK_REQUEST,
  type LockEntry,
  type OutboxEntry,
  SLOT_RELEASE,
  SLOT_REQUEST,
  type SlotEntry,
} from '@app/workflow-engine';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  type OutboxDeliveries,
  OutboxDelivery,
} from '../outbox/outbox-delivery.js';
import { type LockService } from './lock-service.js';
import { type SlotService } from './slot-service.js';

/** Delivers requests for locks, and their releases. An entry is delivered when `take` has recorded it. */
class LockDelivery extends OutboxDelivery {
  readonly available = true;

  constructor(
    private readonly take: (origin: EntryOrigin, entry: LockEntry, at: number) => Promise<void>,
  ) {
    super();
  }

  override async deliver(
    { payload, createdAt }: OutboxEntry,
    origin: EntryOrigin,
  ): Promise<DeliveryOutcome> {
    await this.take(origin, payload as LockEntry, createdAt);
    return { kind: 'delivered' };
  }
}

/** The deliveries for locks of tasks. A queue is in the order in which the tasks asked. */
export function lockDeliveries(locks: Pick<LockService, 'ask' | 'release'>): OutboxDeliveries {
  return new Map([
    [LOCK_REQUEST, new LockDelivery(({ id }, entry, at) => locks.ask(id, entry, at))],
    [LOCK_RELEASE, new LockDelivery(({ id }, entry) => locks.release(id, entry))],
  ]);
}

/** The deliveries for slots of runs. A queue is in the order in which the activities were accepted. */
export function slotDeliveries(slots: Pick<SlotService, 'ask' | 'release'>): OutboxDeliveries {
  return new Map([
    [
      SLOT_REQUEST,
      new LockDelivery(({ id, createdAt }, entry) => slots.ask(id, entry as SlotEntry, createdAt)),
    ],
    [SLOT_RELEASE, new LockDelivery(({ id }, entry) => slots.release(id, entry as SlotEntry))],
  ]);
}
