import { LOCK_RELEASE, LOCK_REQUEST, type LockEntry, type OutboxEntry } from '@app/workflow-engine';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  type OutboxDeliveries,
  OutboxDelivery,
} from '../outbox/outbox-delivery.js';
import { type LockService } from './lock-service.js';

/** Takes what runs ask of locks to where those are. What is not on record yet comes again. */
class LockDelivery extends OutboxDelivery {
  readonly available = true;

  constructor(
    private readonly take: (activity: string, entry: LockEntry, at: number) => Promise<void>,
  ) {
    super();
  }

  override async deliver(
    { payload, createdAt }: OutboxEntry,
    { id }: EntryOrigin,
  ): Promise<DeliveryOutcome> {
    await this.take(id, payload as LockEntry, createdAt);
    return { kind: 'delivered' };
  }
}

export function lockDeliveries(locks: Pick<LockService, 'ask' | 'release'>): OutboxDeliveries {
  return new Map([
    [LOCK_REQUEST, new LockDelivery((id, entry, at) => locks.ask(id, entry, at))],
    [LOCK_RELEASE, new LockDelivery((id, entry) => locks.release(id, entry))],
  ]);
}
