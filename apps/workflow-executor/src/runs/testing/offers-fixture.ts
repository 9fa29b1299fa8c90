import { until } from '@app/errors/testing';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { type ActivityCommit, WorkflowCache } from '@app/persistence';
import {
  aNewActivity,
  aRevision,
  aWorkflow,
  MemoryActivityStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import {
  type ActivityState,
  WORKER_CANCEL_ENTRY,
  WORKER_TASK_ENTRY,
  type WorkerResultSignal,
} from '@app/workflow-engine';
import { aDefinition, aTask } from '@app/workflow-engine/testing';
import { DeliveryService } from '../../outbox/delivery-service.js';
import { type DeliveryOutcome, OutboxDelivery } from '../../outbox/outbox-delivery.js';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActiveRuns } from '../driving/active-runs.js';
import { Semaphore } from '../driving/semaphore.js';
import { RunBreaker } from '../run-end.js';
import { Plans } from '../starting/plans.js';
import { RunStarter } from '../starting/run-starter.js';
import { memoryScopes } from './memory-scopes.js';
import { SignalOffers } from '../signals/signal-offers.js';

const DELIVERED = { kind: 'delivered' } as const;
/** Longer than any test takes. */
const LONG_MS = 600_000;
/** As long as that almost, and not longer than a worker's task waits until it is queued again. */
const LEASE_MS = 300_000;

class CountingStore extends MemoryActivityStore {
  commits = 0;
  reads = 0;
  signals = 0;
  /** How many runs each write released. */
  readonly lettings: number[] = [];
  /** Awaited once, after the next commit was computed and before it is written. */
  beforeCommit: (() => Promise<unknown>) | undefined;

  override async commit(commit: ActivityCommit): Promise<'committed' | 'stale'> {
    const before = this.beforeCommit;
    this.beforeCommit = undefined;
    await before?.();
    const outcome = await super.commit(commit);
    if (outcome === 'committed') this.commits += 1;
    return outcome;
  }

  override async get(id: string): ReturnType<MemoryActivityStore['get']> {
    this.reads += 1;
    return super.get(id);
  }

  override async releaseDelivered(
    ...args: Parameters<MemoryActivityStore['releaseDelivered']>
  ): ReturnType<MemoryActivityStore['releaseDelivered']> {
    this.lettings.push(args[0].length);
    return super.releaseDelivered(...args);
  }

  override async signal(
    ...args: Parameters<MemoryActivityStore['signal']>
  ): ReturnType<MemoryActivityStore['signal']> {
    this.signals += 1;
    return super.signal(...args);
  }
}

class Queue extends OutboxDelivery {
  available = true;
  begun = 0;
  delivered = 0;
  /** Until then it is under way. */
  gate: Promise<unknown> = Promise.resolve();

  override async deliver(): Promise<DeliveryOutcome> {
    this.begun += 1;
    await this.gate;
    this.delivered += 1;
    return DELIVERED;
  }
}

export function answer(task = 'first', rest: Partial<WorkerResultSignal> = {}): WorkerResultSignal {
  const outcome = { kind: 'succeeded', results: { by: task } } as const;
  const of = { task, queue: 'q.default', attempt: 1 };
  return { id: `worker:${task}`, at: NOW, kind: 'worker-result', outcome, ...of, ...rest };
}

export const TWO_TASKS = aDefinition([
  aTask('first', 'generic', ['start'], { queue: 'q' }),
  aTask('second', 'generic', ['first'], { queue: 'q' }),
]);
export const ONE_TASK = aDefinition([aTask('first', 'generic', ['start'], { queue: 'q' })]);

export interface OffersExecutor {
  readonly runs: ActiveRuns;
  readonly starter: RunStarter;
  readonly offers: SignalOffers;
}

/** Executors that share a record, a queue for workers and a clock. */
export class OffersFixture {
  readonly origin = aNewActivity();
  readonly store = new CountingStore();
  readonly queue = new Queue();
  readonly #workflows = new MemoryWorkflowStore();
  readonly #executors: OffersExecutor[] = [];
  now = NOW;
  /** Of the executors that are made from now on; by default none keeps a run. */
  keptBytesMax = 0;

  async open(): Promise<void> {
    await this.store.record(this.origin);
  }

  async close(): Promise<void> {
    await Promise.all(this.#executors.map(({ runs }) => runs.stop(0)));
  }

  readonly executor = (lingerMs = LONG_MS): OffersExecutor => {
    const { store, queue, keptBytesMax } = this;
    const tasks = new HandDrivenTasks();
    const [log, metrics, clock] = [new MemoryLog(), new FlowMetrics(), (): number => this.now];
    const kinds = new Map([WORKER_TASK_ENTRY, WORKER_CANCEL_ENTRY].map((kind) => [kind, queue]));
    const runs = new ActiveRuns(
      new Semaphore(10),
      {
        store,
        handlers: { http: tasks, script: tasks, event: tasks },
        clock,
        settings: { leaseMs: LEASE_MS, storeRetryMs: 1, lingerMs, keptBytesMax },
        deliveries: new DeliveryService(kinds, new Semaphore(10), metrics, log),
      },
      metrics,
      log,
    );
    const plans = new Plans(new WorkflowCache(this.#workflows), 10, TASK_TYPES_RUN);
    const breaker = new RunBreaker(store, clock, metrics, log);
    const starter = new RunStarter(plans, runs, store, clock, breaker, memoryScopes());
    const made = { runs, starter, offers: new SignalOffers(store, runs, starter) };
    this.#executors.push(made);
    return made;
  };

  readonly runs = async (definition = ONE_TASK): Promise<void> => {
    await this.#workflows.create(aWorkflow(), aRevision({ definition }));
  };

  /** As time goes by. */
  readonly untilLetGo = async (active: ActiveRuns): Promise<void> => {
    await until(() => {
      this.now += 1;
      return Promise.resolve(active.size === 0);
    });
  };

  readonly stateOf = async (): Promise<ActivityState | undefined> =>
    (await this.store.get(this.origin.id))?.state;
}
