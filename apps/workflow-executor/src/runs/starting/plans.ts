import { BoundedMap, type WorkflowCache } from '@app/persistence';
import {
  BUILD_FEATURES,
  compile,
  lackingOf,
  type Plan,
  type TaskBehaviours,
  type WorkflowDefinition,
} from '@app/workflow-engine';
import { re2Patterns } from '@app/patterns';

/** A revision that this build can't run, because it lacks some of what that requires. */
export interface Lacking {
  readonly requires: readonly string[];
}

/**
 * The compiled plan of each workflow revision in use. Revisions are immutable, so a plan is never
 * stale; the least recently used makes room at `plansMax`.
 */
export class Plans {
  readonly #plans: BoundedMap<Plan>;

  constructor(
    private readonly workflows: WorkflowCache,
    plansMax: number,
    private readonly behaviours: TaskBehaviours,
    private readonly features: readonly string[] = BUILD_FEATURES,
    /** The longest that a run may take, whatever its workflow says, in milliseconds. */
    private readonly durationMsMax = Infinity,
  ) {
    this.#plans = new BoundedMap(plansMax);
  }

  /** One that is in use here already. */
  known(workflowId: string, revision: number): Plan | undefined {
    return this.#plans.get(keyOf(workflowId, revision));
  }

  /** What a revision was saved as. @throws StoreUnavailableError */
  async definitionOf(
    workflowId: string,
    revision: number,
  ): Promise<WorkflowDefinition | undefined> {
    return (await this.workflows.revision(workflowId, revision))?.definition;
  }

  /** Undefined when there is no such revision. @throws StoreUnavailableError */
  async planOf(workflowId: string, revision: number): Promise<Plan | Lacking | undefined> {
    const key = keyOf(workflowId, revision);
    const known = this.#plans.get(key);
    if (known) return known;
    const stored = await this.workflows.revision(workflowId, revision);
    if (!stored) return undefined;
    const { requires } = stored;
    if (lackingOf({ requires }, this.features).length > 0) return { requires };
    const plan = this.#bounded(compile(stored.definition, re2Patterns, this.behaviours));
    this.#plans.set(key, plan);
    return plan;
  }

  #bounded(plan: Plan): Plan {
    const timeoutMs = Math.min(plan.timeoutMs ?? Infinity, this.durationMsMax);
    return timeoutMs === Infinity ? plan : { ...plan, timeoutMs };
  }
}

function keyOf(workflowId: string, revision: number): string {
  return `${workflowId}@${revision}`;
}
