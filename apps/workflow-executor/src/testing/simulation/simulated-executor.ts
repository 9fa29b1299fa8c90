import { NoActivityNotices } from '@app/messaging';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import {
  type ActivityStore,
  type DispatchedActivity,
  ScopeCache,
  type TaskSecret,
  WorkflowCache,
} from '@app/persistence';
import { type MemoryScopeStore, type MemoryWorkflowStore } from '@app/persistence/testing';
import { type WorkerResultSignal } from '@app/workflow-engine';
import { TEST_TASKS } from '@app/workflow-engine/testing';
import { SecretTaskHandler } from '../../tasks/secrets/secret-task-handler.js';
import { TaskSecrets } from '../../tasks/secrets/task-secrets.js';
import { type TaskHandler } from '../../tasks/task-handler.js';
import { type Force, TaskSignals } from '../../api/tasks/task-signals.js';
import { ActivityRetries } from '../../api/retries/activity-retries.js';
import { WorkerAnswers } from '../../intake/worker-answers.js';
import { DeliveryService } from '../../outbox/delivery-service.js';
import { type AddEntries, statusEntries } from '../../outbox/status-entries.js';
import { ActiveRuns } from '../../runs/driving/active-runs.js';
import { RunMemory } from '../../runs/memory/run-memory.js';
import { RelativesHere } from '../../runs/signals/relatives-here.js';
import { SignalDelivery } from '../../runs/signals/signal-delivery.js';
import { SignalOffers } from '../../runs/signals/signal-offers.js';
import { stepEntries } from '../../runs/step-entries.js';
import { Plans } from '../../runs/starting/plans.js';
import { RunBreaker } from '../../runs/run-end.js';
import { RunStarter } from '../../runs/starting/run-starter.js';
import { Semaphore } from '../../runs/driving/semaphore.js';
import { Sweeper } from '../../runs/sweeping/sweeper.js';
import { memoryScopes } from '../../runs/testing/memory-scopes.js';
import { type ProcessDeliveries } from './simulated-children.js';

const LEASE_MS = 10_000;
const TAKEOVERS_MAX = 1_000;
const SWEEP_INTERVAL_MS = 1_500;
const PERMITS = 8;
/** As in earnest. */
const LINGER_MS = 1_000;
/** Room for some of the runs that wait for workers; the others are read again. */
const KEPT_BYTES_MAX = 3_000;
const NO_NOTICES = new NoActivityNotices();
const SETTINGS = {
  leaseMs: LEASE_MS,
  storeRetryMs: 500,
  lingerMs: LINGER_MS,
  keptBytesMax: KEPT_BYTES_MAX,
};

/** An executor's own code, all of it that has to do with runs, in a world that is simulated. */
export class SimulatedExecutor {
  readonly #runs: ActiveRuns;
  readonly #starter: RunStarter;
  readonly #sweeper: Sweeper;
  readonly #answers: WorkerAnswers;
  readonly #people: TaskSignals;
  readonly #retries: ActivityRetries;
  readonly #signals: SignalDelivery;
  readonly #memory = RunMemory.unbounded();

  constructor(
    store: ActivityStore,
    workflows: MemoryWorkflowStore,
    scopes: MemoryScopeStore,
    http: TaskHandler,
    { outbox, children }: ProcessDeliveries,
    clock: () => number,
    withStatuses: boolean,
  ) {
    const metrics = new FlowMetrics();
    const log = new MemoryLog();
    const deliveries = new DeliveryService(outbox, new Semaphore(PERMITS), metrics, log);
    const addStatuses: AddEntries = withStatuses
      ? statusEntries(() => undefined, true)
      : (_, step) => step;
    const addEntries = stepEntries(addStatuses);
    const parts = {
      store,
      handlers: handlersOf(http, scopes),
      clock,
      settings: SETTINGS,
      deliveries,
      addEntries,
    };
    this.#runs = new ActiveRuns(new Semaphore(PERMITS), parts, metrics, log, this.#memory);
    const breaker = new RunBreaker(store, clock, metrics, log, addEntries);
    const plans = new Plans(new WorkflowCache(workflows), 10, TEST_TASKS);
    this.#starter = new RunStarter(plans, this.#runs, store, clock, breaker, memoryScopes(scopes));
    const few = { deliveriesMax: 2, waitingMax: 100 };
    const signals = new SignalDelivery(NO_NOTICES, this.#runs, store, this.#starter, few, log);
    this.#signals = signals;
    const offers = new SignalOffers(store, this.#runs, this.#starter);
    children.use(new RelativesHere(this.#runs, this.#starter, signals, log));
    this.#people = new TaskSignals(store, signals, clock);
    this.#retries = new ActivityRetries(store, workflows, clock, 10);
    this.#answers = new WorkerAnswers(store, signals, offers);
    const limits = { claimsMax: PERMITS, leaseMs: LEASE_MS, takeoversMax: TAKEOVERS_MAX };
    const sweeping = { intervalMs: SWEEP_INTERVAL_MS, ...limits };
    this.#sweeper = new Sweeper(
      store,
      this.#runs,
      this.#starter,
      breaker,
      sweeping,
      clock,
      metrics,
      log,
    );
    this.#sweeper.start();
  }

  get owner(): string {
    return this.#runs.owner;
  }

  /** The message of an event that was accepted. */
  take(origin: DispatchedActivity): Promise<void> {
    return this.#starter.startNew(origin);
  }

  /** A worker's answer comes: resolves when it may be acknowledged. */
  answer(activityId: string, signal: WorkerResultSignal): Promise<void> {
    return this.#answers.take({ activityId, signal });
  }

  /** An operator decides about a task: resolves when that is on record. */
  force(id: string, task: string, force: Force, key: string): Promise<void> {
    return this.#people.force(id, task, force, key);
  }

  /** An operator has no patience with a run that waits for another attempt: resolves when that is on record. */
  resume(id: string, by: string): Promise<void> {
    return this.#people.resume(id, { by, reason: 'by hand' }, by);
  }

  /** An operator has a run that has ended tried again, as another run: resolves to that when it is on record. */
  async retry(id: string, from: 'failed' | 'start', by: string): Promise<string> {
    const retried = await this.#retries.retry(id, { from, revision: 'pinned', reason: 'no' }, by);
    this.#signals.deliver(retried.id);
    return retried.id;
  }

  /** What is worked on here, and the bytes that are held for it. */
  get inHand(): { readonly runs: number; readonly bytes: number } {
    return { runs: this.#runs.size, bytes: this.#memory.activityBytes };
  }

  /** A request to the API has put a signal on record: this executor sees to it. */
  deliver(activityId: string): void {
    this.#signals.deliver(activityId);
  }

  notify(activityId: string): void {
    this.#signals.hear(activityId);
  }

  async stop(): Promise<void> {
    void this.#sweeper.stop();
    await this.#runs.stop(500);
  }
}

function handlersOf(
  http: TaskHandler,
  scopes: MemoryScopeStore,
): ConstructorParameters<typeof ActiveRuns>[1]['handlers'] {
  const keys = { decryptTaskSecret: ({ encrypted }: TaskSecret) => encrypted };
  const safe = new SecretTaskHandler(http, new TaskSecrets(new ScopeCache(scopes, 0), keys));
  return { http: safe, script: http, event: http };
}
