import { BoundedMap } from '@app/collections';
import { type WorkflowCache } from '@app/persistence';
import {
  BUILD_FEATURES,
  compile,
  missingFeatures,
  type Plan,
  type TaskBehaviours,
  type WorkflowDefinition,
} from '@app/workflow-engine';
import { re2Patterns } from '@app/patterns';

/** A revision that this build can't run, because it lacks some of the required features. */
export interface UnsupportedRevision {
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
    /** The longest duration of any run, in milliseconds. */
    private readonly durationMsMax = Infinity,
  ) {
    this.#plans = new BoundedMap(plansMax);
  }

  /** The plan, if it is in the cache. */
  known(workflowId: string, revision: number): Plan | undefined {
    return this.#plans.get(keyOf(workflowId, revision));
  }

  /** The definition of a revision as it was saved. @throws StoreUnavailableError */
  async definitionOf(
    workflowId: string,
    revision: number,
  ): Promise<WorkflowDefinition | undefined> {
    return (await this.workflows.revision(workflowId, revision))?.definition;
  }

  /** The plan, from the cache or the store; undefined if the revision does not exist. @throws StoreUnavailableError */
  async planOf(
    workflowId: string,
    revision: number,
  ): Promise<Plan | UnsupportedRevision | undefined> {
    const key = keyOf(workflowId, revision);
    const known = this.#plans.get(key);
    if (known) return known;
    const stored = await this.workflows.revision(workflowId, revision);
    if (!stored) return undefined;
    const { requires } = stored;
    if (missingFeatures({ requires }, this.features).length > 0) return { requires };
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
