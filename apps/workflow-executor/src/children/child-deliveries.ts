import {
  CHILD_CANCEL,
  CHILD_ENDED,
  CHILD_LOOK,
  CHILD_REQUEST,
  CHILD_SCHEDULE,
  type ChildEntry,
  type ChildRequest,
  MAP_CANCEL,
  MAP_COLLECT,
  MAP_LOOK,
  MAP_REQUEST,
  type MapCollect,
  type MapOpen,
  type MapRequest,
  type OutboxEntry,
} from '@app/workflow-engine';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  type OutboxDeliveries,
  OutboxDelivery,
} from '../outbox/outbox-delivery.js';
import { type ChildService } from './child-service.js';

type Take = (entry: OutboxEntry, origin: EntryOrigin, isCancelled: boolean) => Promise<void>;

/** Delivers the outbox entries between parent runs and child runs. An entry is delivered when its effect is on record. */
class ChildDelivery extends OutboxDelivery {
  readonly available = true;

  constructor(private readonly take: Take) {
    super();
  }

  override async deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    _abort: AbortSignal,
    isCancelled = false,
  ): Promise<DeliveryOutcome> {
    await this.take(entry, origin, isCancelled);
    return { kind: 'delivered' };
  }
}

type Children = Pick<
  ChildService,
  'request' | 'cancel' | 'look' | 'ended' | 'requestMany' | 'cancelMany' | 'lookAtMany' | 'collect'
>;

export function childDeliveries(children: Children): OutboxDeliveries {
  const request = new ChildDelivery(({ payload, createdAt }, origin, isCancelled) =>
    children.request(payload as ChildRequest, origin, createdAt, isCancelled),
  );
  const single = new Map([
    [CHILD_REQUEST, request],
    [CHILD_SCHEDULE, request],
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
  return new Map([...single, ...mapDeliveries(children)]);
}

function mapDeliveries(children: Children): OutboxDeliveries {
  return new Map([
    [
      MAP_REQUEST,
      new ChildDelivery(({ payload, createdAt }, origin, isCancelled) =>
        children.requestMany(payload as unknown as MapRequest, origin, createdAt, isCancelled),
      ),
    ],
    [
      MAP_CANCEL,
      new ChildDelivery(({ payload }, origin) =>
        children.cancelMany(payload as unknown as MapOpen, origin),
      ),
    ],
    [
      MAP_LOOK,
      new ChildDelivery(({ payload }, origin) =>
        children.lookAtMany(payload as unknown as MapOpen, origin),
      ),
    ],
    [
      MAP_COLLECT,
      new ChildDelivery(({ payload }, origin) => children.collect(payload as MapCollect, origin)),
    ],
  ]);
}
