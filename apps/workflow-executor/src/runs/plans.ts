import { BoundedMap, type WorkflowCache } from '@app/persistence';
import { compile, type Plan } from '@app/workflow-engine';
import { re2Patterns } from '../patterns/re2-patterns.js';

/**
 * The compiled plan of each workflow revision in use. Revisions are immutable, so a plan is never
 * stale; the least recently used makes room at `plansMax`.
 */
export class Plans {
  readonly #plans: BoundedMap<Plan>;

  constructor(
    private readonly workflows: WorkflowCache,
    plansMax: number,
  ) {
    this.#plans = new BoundedMap(plansMax);
  }

  /** Undefined when there is no such revision. @throws StoreUnavailableError */
  async planOf(workflowId: string, revision: number): Promise<Plan | undefined> {
    const key = `${workflowId}@${revision}`;
    const known = this.#plans.get(key);
    if (known) return known;
    const stored = await this.workflows.revision(workflowId, revision);
    if (!stored) return undefined;
    const plan = compile(stored.definition, re2Patterns);
    this.#plans.set(key, plan);
    return plan;
  }
}
