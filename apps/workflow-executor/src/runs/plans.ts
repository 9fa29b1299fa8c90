import { type WorkflowDirectory } from '@app/persistence';
import { compile, type Plan } from '@app/workflow-engine';
import { re2Patterns } from '../patterns/re2-patterns.js';

/**
 * The compiled plan of each workflow revision in use. Revisions are immutable, so a plan is never
 * stale; the least recently used makes room at `plansMax`.
 */
export class Plans {
  readonly #plans = new Map<string, Plan>();

  constructor(
    private readonly workflows: WorkflowDirectory,
    private readonly plansMax: number,
  ) {}

  /** Undefined when there is no such revision. @throws StoreUnavailableError */
  async planOf(workflowId: string, revision: number): Promise<Plan | undefined> {
    const key = `${workflowId}@${revision}`;
    const known = this.#plans.get(key);
    if (known) {
      this.#plans.delete(key);
      this.#plans.set(key, known);
      return known;
    }
    const stored = await this.workflows.revision(workflowId, revision);
    if (!stored) return undefined;
    const plan = compile(stored.definition, re2Patterns);
    this.#plans.set(key, plan);
    if (this.#plans.size > this.plansMax) this.#plans.delete(this.#oldest());
    return plan;
  }

  #oldest(): string {
    return this.#plans.keys().next().value ?? '';
  }
}
