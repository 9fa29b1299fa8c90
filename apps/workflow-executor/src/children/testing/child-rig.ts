import { WorkflowAccess } from '@app/auth';
import { CompiledFilters } from '@app/filters';
import { type JsonObject } from '@app/json';
import { WorkflowCache } from '@app/persistence';
import { MemoryActivityStore, MemoryWorkflowStore, NOW } from '@app/persistence/testing';
import { ChildMaker } from '../child-maker.js';
import { ChildService } from '../child-service.js';

/** The service on stores in memory, and what it told of. */
export class ChildRig {
  readonly activities = new MemoryActivityStore();
  readonly workflows = new MemoryWorkflowStore();
  readonly told: string[] = [];
  /** What workflows turned away. */
  readonly rejected: unknown[] = [];
  readonly service: ChildService;

  /** @param filters with the bounds of an operator */
  constructor(filters = new CompiledFilters()) {
    const { activities, workflows, rejected } = this;
    const settings = { freshMs: 0, staleMsMax: 0, unknownMs: 0, entriesMax: 100 };
    const cache = new WorkflowCache(workflows, settings);
    const access = new WorkflowAccess(cache, { add: (one) => rejected.push(one) }, () => NOW, true);
    const maker = new ChildMaker({
      activities,
      workflows: cache,
      names: workflows,
      access,
      paramsOf: ({ data }) => (data?.kind === 'json' ? (data.value as JsonObject) : {}),
      filters,
      clock: () => NOW,
      generationsMax: 3,
      descendantsMax: 2,
    });
    this.service = new ChildService(activities, maker, () => NOW);
    this.service.subscribe((activity) => this.told.push(activity));
  }

  async inboxOf(id: string): Promise<readonly unknown[]> {
    return (await this.activities.get(id))?.inbox ?? [];
  }
}
