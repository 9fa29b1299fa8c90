import { WorkflowAccess } from '@app/auth';
import { SignedRoots } from '@app/events';
import { CompiledFilters } from '@app/filters';
import { type JsonObject } from '@app/json';
import { RunQuotas, WorkflowCache } from '@app/persistence';
import {
  aNewActivity,
  anEvent,
  aRevision,
  aWorkflow,
  MemoryActivityStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import { SigningKeys } from '@app/signing';
import { EventRoots } from '../../tasks/event/event-roots.js';
import { type DeliveryPermits } from '../../outbox/delivery-service.js';
import { CalledWorkflows } from '../called-workflows.js';
import { ChildCreator } from '../child-creator.js';
import { ChildService } from '../child-service.js';

export const PARENT = aNewActivity({ id: 'parent', workflowId: 'calling', event: anEvent() });

/** The service on stores in memory, with the activities that it notified. */
export class ChildFixture {
  readonly activities = new MemoryActivityStore();
  readonly workflows = new MemoryWorkflowStore();
  readonly notified: string[] = [];
  /** The requests that workflows rejected. */
  readonly rejected: unknown[] = [];
  /** The permits for reads of results; each read holds one. */
  readonly reads = new CountedReads();
  /** Of all runs on record, whichever workflow's and month's; without a limit where a workflow has none. */
  readonly quotas = new RunQuotas(
    async (workflowId) => {
      const { activities } = await this.activities.list({ workflowId, limit: 100 });
      return activities.length;
    },
    { runsPerMonth: 0 },
  );
  readonly roots = new EventRoots(
    new SignedRoots(new SigningKeys('k'.repeat(32))),
    this.activities,
    2,
  );
  readonly creator: ChildCreator;
  readonly service: ChildService;

  /** @param filters with the bounds of an operator */
  constructor(filters = new CompiledFilters()) {
    const { activities, workflows, rejected } = this;
    const settings = { freshMs: 0, staleMsMax: 0, unknownMs: 0, entriesMax: 100 };
    const cache = new WorkflowCache(workflows, settings);
    const access = new WorkflowAccess(cache, { add: (one) => rejected.push(one) }, () => NOW, true);
    this.creator = new ChildCreator({
      activities,
      workflows: cache,
      called: new CalledWorkflows(cache, workflows, { freshMs: 0, namesMax: 10 }),
      access,
      paramsOf: ({ data }) => (data?.kind === 'json' ? (data.value as JsonObject) : {}),
      filters,
      clock: () => NOW,
      generationsMax: 3,
      descendantsMax: 2,
      roots: this.roots,
      quotas: this.quotas,
    });
    this.service = new ChildService(activities, this.creator, this.reads, () => NOW);
    this.service.use({
      begin: ({ id }) => this.notified.push(id),
      take: () => Promise.resolve(false),
      deliver: (activity) => this.notified.push(activity),
    });
  }

  /** With a parent on record and the workflow `called`, which runs may begin. */
  static async withParent(): Promise<ChildFixture> {
    const fixture = new ChildFixture();
    await fixture.activities.record(PARENT);
    const triggers = { task: { enabled: true } };
    await fixture.workflows.create(aWorkflow({ name: 'called', triggers }), aRevision());
    return fixture;
  }

  async inboxOf(id: string): Promise<readonly unknown[]> {
    return (await this.activities.get(id))?.inbox ?? [];
  }
}

class CountedReads implements DeliveryPermits {
  asked = 0;
  open = 0;

  async acquire(): Promise<void> {
    this.asked += 1;
    this.open += 1;
  }

  release(): void {
    this.open -= 1;
  }
}
