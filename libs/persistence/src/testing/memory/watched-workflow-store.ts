import { type Workflow } from '../../workflows/workflow.js';
import { MemoryWorkflowStore } from './memory-workflow-store.js';

/** A workflow store that counts reads and lets a test delay their answers. */
export class WatchedWorkflowStore extends MemoryWorkflowStore {
  readonly asked: string[] = [];
  readonly #held: (() => void)[] = [];
  holding = false;
  deleted = false;

  override async get(id: string): Promise<Workflow | undefined> {
    this.asked.push(id);
    const answer = await super.get(id);
    if (this.holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    return this.deleted ? undefined : answer;
  }

  override async getAgain(id: string, known: Workflow | undefined): Promise<Workflow | undefined> {
    this.asked.push(id);
    const answer = await super.getAgain(id, known);
    if (this.holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    return this.deleted ? undefined : answer;
  }

  override async getByToken(hash: string): Promise<Workflow | undefined> {
    this.asked.push(`token ${hash}`);
    const answer = await super.getByToken(hash);
    if (this.holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    return answer;
  }

  override async listByToken(hash: string, limit: number): Promise<readonly Workflow[]> {
    this.asked.push(`list ${hash}`);
    const answer = await super.listByToken(hash, limit);
    if (this.holding) await new Promise<void>((resolve) => this.#held.push(resolve));
    return answer;
  }

  release(): void {
    this.holding = false;
    for (const answer of this.#held) answer();
  }
}
