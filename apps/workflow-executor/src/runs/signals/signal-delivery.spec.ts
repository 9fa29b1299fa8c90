import { until } from '@app/errors/testing';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { NoActivityNotices } from '@app/messaging';
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
import { aDefinition, anHttpTask } from '@app/workflow-engine/testing';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActiveRuns } from '../driving/active-runs.js';
import { Plans } from '../starting/plans.js';
import { RunBreaker } from '../run-end.js';
import { RunStarter } from '../starting/run-starter.js';
import { SignalDelivery } from './signal-delivery.js';
import { Semaphore } from '../driving/semaphore.js';
import { memoryScopes } from '../testing/memory-scopes.js';
import { runParts } from '../testing/run-parts.js';

class RecordedNotices extends NoActivityNotices {
  readonly sent: string[] = [];

  override notify(activityId = ''): void {
    this.sent.push(activityId);
  }
}

class CountingStore extends MemoryActivityStore {
  reads = 0;

  override async get(...args: Parameters<MemoryActivityStore['get']>) {
    this.reads += 1;
    return super.get(...args);
  }
}

describe(SignalDelivery.name, () => {
  let store: CountingStore;
  let notices: RecordedNotices;
  let tasks: HandDrivenTasks;
  let semaphore: Semaphore;
  let runs: ActiveRuns;
  let starter: RunStarter;
  let delivery: SignalDelivery;

  beforeEach(async () => {
    store = new CountingStore();
    notices = new RecordedNotices();
    tasks = new HandDrivenTasks();
    const workflows = new MemoryWorkflowStore();
    const definition = aDefinition([anHttpTask('call')]);
    await workflows.create(aWorkflow(), aRevision({ definition }));
    const [log, clock] = [new MemoryLog(), (): number => NOW];
    const parts = runParts(store, tasks, clock);
    const metrics = new FlowMetrics();
    semaphore = new Semaphore(1);
    runs = new ActiveRuns(semaphore, parts, metrics, log);
    const plans = new Plans(new WorkflowCache(workflows), 10, TASK_TYPES_RUN);
    const breaker = new RunBreaker(store, clock, metrics, log);
    starter = new RunStarter(plans, runs, store, clock, breaker, memoryScopes());
    const bounds = { deliveriesMax: 2, waitingMax: 3 };
    delivery = new SignalDelivery(notices, runs, store, starter, bounds, log);
  });

  afterEach(() => runs.stop(0));

  async function recorded(eventId: string): Promise<string> {
    const activity = aNewActivity({ event: anEvent({ id: eventId }) });
    await store.record(activity);
    return activity.id;
  }

  async function cancelled(id: string): Promise<void> {
    await store.signal(id, { id: 'signal', kind: 'cancel', reason: 'a test', at: NOW });
    delivery.deliver(id);
  }

  async function statusOf(id: string): Promise<string | undefined> {
    return (await store.get(id))?.status;
  }

  it('ends what is in flight here without telling others', async () => {
    const id = await recorded('1');
    await starter.startNew(aNewActivity({ event: anEvent({ id: '1' }) }));
    await cancelled(id);

    await until(async () => (await statusOf(id)) === 'cancelled');
    expect(notices.sent).toEqual([]);
  });

  it('ends a run without a driver although no permit is free, and reports it', async () => {
    await semaphore.acquire();
    const id = await recorded('waiting');
    await cancelled(id);

    await until(async () => (await statusOf(id)) === 'cancelled');
    expect(notices.sent).toEqual([id]);
    expect({ free: runs.free, size: runs.size }).toEqual({ free: 0, size: 0 });
  });

  it('leaves a run to the executor that drives it', async () => {
    const id = await recorded('1');
    await store.claimDue({ now: NOW + 60_000, limit: 1, leaseMs: 30_000, owner: 'another' });
    await cancelled(id);

    await until(() => Promise.resolve(store.reads > 0));
    expect(notices.sent).toEqual([id]);
    expect(await store.get(id)).toMatchObject({ status: 'queued', leaseOwner: 'another' });
  });

  it('handles and keeps no more at a time than its bounds', async () => {
    store.outage.begin();
    for (let n = 0; n < 1_000; n += 1) delivery.deliver(`activity-${n}`);
    await new Promise((resolve) => setImmediate(resolve));

    expect(notices.sent).toHaveLength(1_000);
    expect(store.reads).toBeLessThanOrEqual(5);
  });
});
