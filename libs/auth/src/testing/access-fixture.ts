import { DEFAULT_WORKFLOW_CACHE_SETTINGS, WorkflowCache, type Activity } from '@app/persistence';
import {
  MemoryActivityStore,
  MemoryRejectedRequestStore,
  MemoryWorkflowStore,
  NOW,
  aRevision,
  aWorkflow,
} from '@app/persistence/testing';
import { mintToken } from '../tokens/workflow-token.js';
import { WorkflowAccess, type RequestFacts } from '../workflow-access.js';

export const FACTS: RequestFacts = {
  trigger: 'event',
  eventId: 'event-1',
  source: '/tests',
  remoteAddress: '10.0.0.1',
};

export const mine = mintToken('mine', NOW);
/** A token of `mine` as well; it expires a second after `NOW`. */
export const expiring = mintToken('expiring', NOW, NOW + 1_000);
export const theirs = mintToken('theirs', NOW);

/** Two workflows, `mine` and `theirs`, and accesses to them with a clock that the test sets. */
export class AccessFixture {
  now = NOW;
  readonly workflows = new MemoryWorkflowStore();
  readonly #activities = new MemoryActivityStore();
  readonly #rejected = new MemoryRejectedRequestStore(this.#activities);
  readonly #accesses: WorkflowAccess[] = [];

  static async make(): Promise<AccessFixture> {
    const fixture = new AccessFixture();
    for (const [id, tokens] of [
      ['mine', [mine.token, expiring.token]],
      ['theirs', [theirs.token]],
    ] as const) {
      const workflow = aWorkflow({ id, name: id, tokens });
      await fixture.workflows.create(workflow, aRevision({ workflowId: id }));
    }
    return fixture;
  }

  access(authEnabled = true): WorkflowAccess {
    const clock = (): number => this.now;
    const cache = new WorkflowCache(this.workflows, DEFAULT_WORKFLOW_CACHE_SETTINGS, clock);
    const access = new WorkflowAccess(cache, this.#rejected, clock, authEnabled);
    this.#accesses.push(access);
    return access;
  }

  /** Rejected requests go on record after the answer. */
  async onRecord(): Promise<readonly Activity[]> {
    for (const access of this.#accesses.splice(0)) await access.beforeApplicationShutdown();
    await this.#rejected.flush();
    return (await this.#activities.list({ limit: 100 })).activities;
  }
}

export async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
