import { CompiledFilters } from '@app/filters';
import { type ActivityStore, WorkflowCache } from '@app/persistence';
import { type MemoryWorkflowStore } from '@app/persistence/testing';
import { type OutboxEntry } from '@app/workflow-engine';
import { childDeliveries } from '../../../children/child-deliveries.js';
import { ChildMaker } from '../../../children/child-maker.js';
import { ChildService } from '../../../children/child-service.js';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  type OutboxDeliveries,
  OutboxDelivery,
} from '../../../outbox/outbox-delivery.js';
import { taskParams } from '../../starting/event-params.js';
import { type Arrival } from './simulated-receiver.js';

/** An executor's own code for the runs that tasks begin, on the store as its process sees it. */
export function childrenOf(
  store: ActivityStore,
  workflows: MemoryWorkflowStore,
  clock: () => number,
): OutboxDeliveries {
  const maker = new ChildMaker({
    activities: store,
    workflows: new WorkflowCache(workflows),
    names: workflows,
    access: { requireTrigger: () => undefined },
    paramsOf: taskParams,
    filters: new CompiledFilters(),
    clock,
    generationsMax: 5,
    descendantsMax: 1_000,
  });
  return childDeliveries(new ChildService(store, maker, clock));
}

/** Says of each entry that it has arrived once it has. */
export class WatchedDelivery extends OutboxDelivery {
  readonly available = true;

  constructor(
    private readonly delivery: OutboxDelivery,
    private readonly onArrival: (arrival: Arrival) => void,
  ) {
    super();
  }

  override async deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortSignal,
    isTakenBack?: boolean,
  ): Promise<DeliveryOutcome> {
    const outcome = await this.delivery.deliver(entry, origin, abort, isTakenBack);
    this.onArrival({ activityId: origin.id, entry, isRefused: false });
    return outcome;
  }
}
