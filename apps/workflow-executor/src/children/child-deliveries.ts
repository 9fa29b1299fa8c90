import {
  CHILD_CANCEL,
  CHILD_ENDED,
  CHILD_LOOK,
  CHILD_REQUEST,
  type ChildEntry,
  type ChildRequest,
  type OutboxEntry,
} from '@app/workflow-engine';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  type OutboxDeliveries,
  OutboxDelivery,
} from '../outbox/outbox-delivery.js';
import { type ChildService } from './child-service.js';

/** Takes what runs have to say of runs that they began, or that began them. What is not on record yet comes again. */
class ChildDelivery extends OutboxDelivery {
  readonly available = true;

  constructor(private readonly take: (entry: OutboxEntry, origin: EntryOrigin) => Promise<void>) {
    super();
  }

  override async deliver(entry: OutboxEntry, origin: EntryOrigin): Promise<DeliveryOutcome> {
    await this.take(entry, origin);
    return { kind: 'delivered' };
  }
}

export function childDeliveries(
  children: Pick<ChildService, 'request' | 'cancel' | 'look' | 'ended'>,
): OutboxDeliveries {
  return new Map([
    [
      CHILD_REQUEST,
      new ChildDelivery(({ payload, createdAt }, origin) =>
        children.request(payload as ChildRequest, origin, createdAt),
      ),
    ],
    [
      CHILD_CANCEL,
      new ChildDelivery(({ payload }, origin) => children.cancel(payload as ChildEntry, origin)),
    ],
    [
      CHILD_LOOK,
      new ChildDelivery(({ payload }, origin) => children.look(payload as ChildEntry, origin)),
    ],
    [CHILD_ENDED, new ChildDelivery((_, origin) => children.ended(origin))],
  ]);
}
