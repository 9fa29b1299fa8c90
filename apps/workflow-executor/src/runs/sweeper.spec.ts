import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { WorkflowDirectory } from '@app/persistence';
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
import { HandDrivenTasks } from '../tasks/testing/hand-driven-tasks.js';
import { ActiveRuns } from './active-runs.js';
import { Plans } from './plans.js';
import { RunStarter } from './run-starter.js';
import { Slots } from './slots.js';
import { Sweeper } from './sweeper.js';

const LEASE_MS = 30_000;
const SLOTS = 3;

describe(Sweeper.name, () => {
  let store: MemoryActivityStore;
  let workflows: MemoryWorkflowStore;
  let tasks: HandDrivenTasks;
  let log: MemoryLog;
  let runs: ActiveRuns;
  let sweeper: Sweeper;
  let now: number;

  beforeEach(async () => {
    store = new MemoryActivityStore();
    workflows = new MemoryWorkflowStore();
    tasks = new HandDrivenTasks();
    log = new MemoryLog();
    now = NOW;
    const clock = (): number => now;
    const metrics = new FlowMetrics();
    const settings = { leaseMs: LEASE_MS, storeRetryMs: 1 };
    const parts = { store, handlers: { http: tasks }, clock, settings };
    runs = new ActiveRuns(new Slots(SLOTS), parts, metrics, log);
    const plans = new Plans(new WorkflowDirectory(workflows), 10);
    const starter = new RunStarter(plans, runs, store, clock);
    const sweeping = { intervalMs: 1, claimsMax: 100, leaseMs: LEASE_MS };
    sweeper = new Sweeper(store, runs, starter, sweeping, clock, metrics, log);
    const definition = aDefinition([anHttpTask('call')]);
    await workflows.create(aWorkflow(), aRevision({ definition }));
  });

  afterEach(async () => {
    await sweeper.stop();
    await runs.stop(0);
  });

  async function recorded(eventId: string, wakeAt = NOW): Promise<string> {
    const activity = aNewActivity({ event: anEvent({ id: eventId }), wakeAt });
    await store.record(activity);
    return activity.id;
  }

  it('runs what nobody told of', async () => {
    const id = await recorded('1');
    sweeper.start();

    await until(() => tasks.calls.length === 1);
    tasks.succeed('call');
    await until(async () => (await store.get(id))?.status === 'succeeded');
  });

  it('leaves alone what is not due', async () => {
    await recorded('later', NOW + 1);
    await recorded('now');
    sweeper.start();

    await until(() => tasks.calls.length === 1);
    now += 1;
    await until(() => tasks.calls.length === 2);
  });

  it('claims no more than it has slots for', async () => {
    for (let id = 0; id < SLOTS + 5; id++) await recorded(String(id));
    sweeper.start();
    await until(() => runs.size === SLOTS);
    await recorded('one more');
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(tasks.calls).toHaveLength(SLOTS);
    const { activities } = await store.list({ limit: 100, status: 'queued' });
    expect(activities).toHaveLength(6);
  });

  it('waits while MongoDB is gone, says so once, and goes on', async () => {
    store.outage.begin();
    sweeper.start();
    await until(() => log.lines.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log.lines).toHaveLength(1);

    store.outage.end();
    await recorded('1');
    await until(() => tasks.calls.length === 1);
  });

  it('ends an activity whose revision is no longer there', async () => {
    const activity = aNewActivity({ wakeAt: NOW, workflowRevision: 99 });
    await store.record(activity);
    sweeper.start();

    await until(async () => (await store.get(activity.id))?.status === 'failed');
    const failure = { level: 'workflow', code: 'REVISION_NOT_FOUND' };
    expect((await store.get(activity.id))?.state?.failure).toMatchObject(failure);
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1));
}
