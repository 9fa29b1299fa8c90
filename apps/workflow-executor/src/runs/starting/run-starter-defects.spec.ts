import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { StoreOverloadedError, WorkflowCache } from '@app/persistence';
import {
  aNewActivity,
  anEvent,
  aRevision,
  aWorkflow,
  MemoryActivityStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import { aDefinition, anHttpTask } from '@app/workflow-engine/testing';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { ActiveRuns } from '../driving/active-runs.js';
import { Semaphore } from '../driving/semaphore.js';
import { RunBreaker } from '../run-end.js';
import { runParts } from '../testing/run-parts.js';
import { Plans } from './plans.js';
import { RunStarter } from './run-starter.js';

const clock = (): number => NOW;

describe('a run whose parameters can not be read', () => {
  let store: MemoryActivityStore;
  let starter: RunStarter;
  let broken: Error;

  beforeEach(async () => {
    store = new MemoryActivityStore();
    const workflows = new MemoryWorkflowStore();
    const definition = aDefinition([anHttpTask('call')]);
    await workflows.create(aWorkflow(), aRevision({ definition }));
    const metrics = new FlowMetrics();
    const log = new MemoryLog();
    const parts = runParts(store, new HandDrivenTasks(), clock);
    const runs = new ActiveRuns(new Semaphore(10), parts, metrics, log);
    const plans = new Plans(new WorkflowCache(workflows), 10, TASK_TYPES_RUN);
    const breaker = new RunBreaker(store, clock, metrics, log);
    const scopes = { scopeOf: () => Promise.reject(broken) };
    starter = new RunStarter(plans, runs, store, clock, breaker, scopes);
  });

  it('fails for a defect, a new one as one on record', async () => {
    broken = new URIError('malformed');
    const [first, second] = [aNewActivity(), aNewActivity({ event: anEvent({ id: 'second' }) })];
    await store.record(first);
    await store.record(second);
    const found = await store.get(second.id);

    await starter.startNew(first);
    if (found) await starter.resume(found);

    const message = expect.stringContaining('URIError: malformed') as string;
    for (const { id } of [first, second]) {
      const failure = { code: 'ENGINE_DEFECT', message };
      expect(await store.get(id)).toMatchObject({ status: 'failed', failure });
    }
  });

  it('waits while the store is the reason', async () => {
    broken = new StoreOverloadedError('read');
    const activity = aNewActivity();
    await store.record(activity);

    await expect(starter.startNew(activity)).rejects.toThrow(StoreOverloadedError);

    expect(await store.get(activity.id)).toMatchObject({ status: 'queued' });
  });
});
