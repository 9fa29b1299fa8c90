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
} from '@app/workflow-engine';
import { type OutboxDeliveries, recordedDeliveries, type Take } from '../outbox/outbox-delivery.js';
import { type ChildService } from './child-service.js';

type Children = Pick<
  ChildService,
  'request' | 'cancel' | 'look' | 'ended' | 'requestMany' | 'cancelMany' | 'lookAtMany' | 'collect'
>;

/** Delivers the outbox entries between parent runs and child runs. */
export function childDeliveries(children: Children): OutboxDeliveries {
  return new Map([...singleDeliveries(children), ...mapDeliveries(children)]);
}

function singleDeliveries(children: Children): OutboxDeliveries {
  const request: Take = ({ payload, createdAt }, origin, isCancelled) =>
    children.request(payload as ChildRequest, origin, createdAt, isCancelled);
  return recordedDeliveries({
    [CHILD_REQUEST]: request,
    [CHILD_SCHEDULE]: request,
    [CHILD_CANCEL]: ({ payload }, origin) => children.cancel(payload as ChildEntry, origin),
    [CHILD_LOOK]: ({ payload }, origin) => children.look(payload as ChildEntry, origin),
    [CHILD_ENDED]: (_, origin) => children.ended(origin),
  });
}

function mapDeliveries(children: Children): OutboxDeliveries {
  return recordedDeliveries({
    [MAP_REQUEST]: ({ payload, createdAt }, origin, isCancelled) =>
      children.requestMany(payload as unknown as MapRequest, origin, createdAt, isCancelled),
    [MAP_CANCEL]: ({ payload }, origin) =>
      children.cancelMany(payload as unknown as MapOpen, origin),
    [MAP_LOOK]: ({ payload }, origin) => children.lookAtMany(payload as unknown as MapOpen, origin),
    [MAP_COLLECT]: ({ payload }, origin) => children.collect(payload as MapCollect, origin),
  });
}
