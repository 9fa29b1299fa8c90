import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { type Activity, type NewActivity, WorkflowDirectory } from '@app/persistence';
import {
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

const LEASE_MS = 30_000;

describe(RunStarter.name, () => {
  let store: MemoryActivityStore;
  let tasks: HandDrivenTasks;
  let runs: ActiveRuns;
  let starter: RunStarter;

  beforeEach(async () => {
    store = new MemoryActivityStore();
    tasks = new HandDrivenTasks();
    const workflows = new MemoryWorkflowStore();
    const clock = (): number => NOW;
    const settings = { leaseMs: LEASE_MS, storeRetryMs: 1 };
    const parts = { store, handlers: { http: tasks }, clock, settings };
    runs = new ActiveRuns(new Slots(10), parts, new FlowMetrics(), new MemoryLog());
    const plans = new Plans(new WorkflowDirectory(workflows), 10);
    starter = new RunStarter(plans, runs, store, clock);
    const definition = aDefinition([anHttpTask('call')]);
    await workflows.create(aWorkflow(), aRevision({ definition }));
  });

  afterEach(async () => {
    await runs.stop(0);
  });

  async function recorded(more: Partial<NewActivity> = {}): Promise<NewActivity> {
    const activity = aNewActivity(more);
    await store.record(activity);
    return activity;
  }

  async function onRecord({ id }: NewActivity): Promise<Activity> {
    const found = await store.get(id);
    if (!found) throw new Error('it is on record');
    return found;
  }

  it('ends an activity whose revision is not there with the message that tells of it', async () => {
    const origin = await recorded({ workflowRevision: 99 });
    await starter.startNew(origin);

    const { status, failure } = await onRecord(origin);
    expect(status).toBe('failed');
    expect(failure).toMatchObject({ level: 'workflow', code: 'REVISION_NOT_FOUND' });
  });

  it('goes on with what is on record', async () => {
    await starter.resume(await onRecord(await recorded()));

    expect(tasks.calls).toHaveLength(1);
  });

  it('leaves to another executor what it is at', async () => {
    const origin = await recorded({ wakeAt: NOW });
    await store.claimDue({ now: NOW, limit: 1, leaseMs: LEASE_MS, owner: 'another executor' });
    await starter.resume(await onRecord(origin));

    expect(tasks.calls).toHaveLength(0);
  });

  it('writes nothing to what is over', async () => {
    const origin = await recorded({ workflowRevision: 99 });
    await starter.startNew(origin);
    const over = await onRecord(origin);
    await starter.resume(over);

    expect(await onRecord(origin)).toEqual(over);
  });
});
