import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { WorkflowCache } from '@app/persistence';
import {
  anEvent,
  aNewActivity,
  aRevision,
  aWorkflow,
  MemoryActivityStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import { aDefinition, anHttpTask, TEST_TASKS } from '@app/workflow-engine/testing';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActiveRuns } from '../driving/active-runs.js';
import { Plans } from '../starting/plans.js';
import { RunBreaker } from '../run-end.js';
import { RunStarter } from '../starting/run-starter.js';
import { Semaphore } from '../driving/semaphore.js';
import { claimsMaxOf, Sweeper } from '../sweeping/sweeper.js';
import { memoryScopes } from './memory-scopes.js';
import { LEASE_MS, runParts } from './run-parts.js';

export const PERMITS = 3;

/** A sweeper of its own, on a store in memory (which several may share) and a clock that the test moves. */
export class SweeperFixture {
  now = NOW;
  readonly tasks = new HandDrivenTasks();
  readonly log = new MemoryLog();
  readonly semaphore: Semaphore;
  readonly runs: ActiveRuns;
  readonly starter: RunStarter;
  readonly sweeper: Sweeper;
  readonly #workflows = new MemoryWorkflowStore();

  constructor(
    readonly store = new MemoryActivityStore(),
    permits = PERMITS,
    takes: 'all' | 'share' = 'all',
  ) {
    const { tasks, log } = this;
    this.semaphore = new Semaphore(permits);
    const clock = (): number => this.now;
    const metrics = new FlowMetrics();
    const parts = runParts(store, tasks, clock);
    this.runs = new ActiveRuns(this.semaphore, parts, metrics, log);
    const plans = new Plans(new WorkflowCache(this.#workflows), 10, TEST_TASKS);
    const breaker = new RunBreaker(store, clock, metrics, log);
    this.starter = new RunStarter(plans, this.runs, store, clock, breaker, memoryScopes());
    const claimsMax = takes === 'all' ? 100 : claimsMaxOf(permits);
    const sweeping = { intervalMs: 1, claimsMax, leaseMs: LEASE_MS, takeoversMax: 2 };
    this.sweeper = new Sweeper(
      store,
      this.runs,
      this.starter,
      breaker,
      sweeping,
      clock,
      metrics,
      log,
    );
  }

  /** Saves the workflow of what is recorded: one call, unless it is given. */
  async begin(definition = aDefinition([anHttpTask('call')])): Promise<this> {
    await this.#workflows.create(aWorkflow(), aRevision({ definition }));
    return this;
  }

  async end(): Promise<void> {
    await this.sweeper.stop();
    await this.runs.stop(0);
  }

  /** @returns the id of the activity */
  async recorded(eventId: string, wakeAt = NOW): Promise<string> {
    const activity = aNewActivity({ event: anEvent({ id: eventId }), wakeAt });
    await this.store.record(activity);
    return activity.id;
  }
}
