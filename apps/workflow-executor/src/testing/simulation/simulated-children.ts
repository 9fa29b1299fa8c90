import { WorkflowAccess } from '@app/auth';
import { CompiledFilters } from '@app/filters';
import { type ActivityStore, RunQuotas, WorkflowCache } from '@app/persistence';
import { type MemoryWorkflowStore } from '@app/persistence/testing';
import { type OutboxEntry } from '@app/workflow-engine';
import { CalledWorkflows } from '../../children/called-workflows.js';
import { ChildCreator } from '../../children/child-creator.js';
import { ChildService } from '../../children/child-service.js';
import { ChildUnwantedError } from '../../children/errors.js';
import {
  type DeliveryOutcome,
  type EntryOrigin,
  type OutboxDeliveries,
  OutboxDelivery,
} from '../../outbox/outbox-delivery.js';
import { Semaphore } from '../../runs/driving/semaphore.js';
import { taskParams } from '../../runs/starting/event-params.js';
import { type Arrival } from './simulated-receiver.js';

/** What one process has to deliver, and what it makes of it. */
export interface ProcessDeliveries {
  readonly outbox: OutboxDeliveries;
  readonly children: ChildService;
}

/**
 * An executor's own code for the runs that tasks begin, on the store as its process sees it.
 *
 * @param isUnwanted whether the workflow does not want the next run: two who ask may get other answers
 */
export function childrenOf(
  store: ActivityStore,
  workflows: MemoryWorkflowStore,
  clock: () => number,
  isUnwanted: () => boolean,
): ChildService {
  const cache = new WorkflowCache(workflows);
  const access = new WorkflowAccess(cache, { add: () => undefined }, clock, true);
  const creator = new ChildCreator({
    activities: store,
    called: new CalledWorkflows(cache, workflows),
    workflows: cache,
    access: {
      requireTrigger: (workflow, facts) => {
        access.requireTrigger(workflow, facts);
        if (isUnwanted()) throw new ChildUnwantedError();
      },
    },
    paramsOf: taskParams,
    filters: new CompiledFilters(),
    clock,
    generationsMax: 5,
    descendantsMax: 1_000,
    roots: { rootIn: () => undefined },
    quotas: new RunQuotas(async () => 0, { runsPerMonth: 0 }),
  });
  return new ChildService(store, creator, new Semaphore(1), clock);
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
    isCancelled?: boolean,
  ): Promise<DeliveryOutcome> {
    const outcome = await this.delivery.deliver(entry, origin, abort, isCancelled);
    this.onArrival({ activityId: origin.id, entry, isRefused: false });
    return outcome;
  }
}
