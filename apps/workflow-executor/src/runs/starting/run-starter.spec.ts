import { jest } from '@jest/globals';
import { TASK_TYPES_RUN } from '../../tasks/task-handler.js';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import {
  type Activity,
  type DispatchedActivity,
  type NewActivity,
  StoreOverloadedError,
  WorkflowCache,
} from '@app/persistence';
import {
  aNewActivity,
  anEvent,
  aRevision,
  aState,
  aWorkflow,
  MemoryActivityStore,
  MemoryWorkflowStore,
  NOW,
} from '@app/persistence/testing';
import { aDefinition, anHttpTask } from '@app/workflow-engine/testing';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActiveRuns } from '../driving/active-runs.js';
import { Plans } from './plans.js';
import { RunBreaker } from '../run-end.js';
import { RunStarter } from './run-starter.js';
import { Semaphore } from '../driving/semaphore.js';
import { memoryScopes } from '../testing/memory-scopes.js';
import { LEASE_MS, runParts } from '../testing/run-parts.js';

describe(RunStarter.name, () => {
  let store: MemoryActivityStore;
  let tasks: HandDrivenTasks;
  let runs: ActiveRuns;
  let permits: Semaphore;
  let starter: RunStarter;
  let metrics: FlowMetrics;
  let log: MemoryLog;

  beforeEach(async () => {
    store = new MemoryActivityStore();
    tasks = new HandDrivenTasks();
    const workflows = new MemoryWorkflowStore();
    const clock = (): number => NOW;
    metrics = new FlowMetrics();
    log = new MemoryLog();
    const parts = runParts(store, tasks, clock);
    permits = new Semaphore(10);
    runs = new ActiveRuns(permits, parts, metrics, log);
    const plans = new Plans(new WorkflowCache(workflows), 10, TASK_TYPES_RUN);
    const breaker = new RunBreaker(store, clock, metrics, log);
    starter = new RunStarter(plans, runs, store, clock, breaker, memoryScopes());
    const definition = aDefinition([anHttpTask('call')]);
    await workflows.create(aWorkflow(), aRevision({ definition }));
    const url = 'https://example.org/$(params.headers.x-github-event)';
    const withHeader = aDefinition([
      { ...anHttpTask('call'), params: [{ name: 'url', value: url }] },
    ]);
    const nap = aDefinition([{ name: 'nap', type: 'from-a-later-release' }]);
    await workflows.create(
      aWorkflow({ id: 'sleeping', name: 'sleeping' }),
      aRevision({
        workflowId: 'sleeping',
        definition: nap,
        requires: ['task:from-a-later-release'],
      }),
    );
    await workflows.create(
      aWorkflow({ id: 'workflow-2', name: 'another' }),
      aRevision({ workflowId: 'workflow-2', definition: withHeader }),
    );
  });

  afterEach(async () => {
    await runs.stop(0);
  });

  function recorded(more?: Partial<DispatchedActivity>): Promise<DispatchedActivity>;
  function recorded(more: Partial<NewActivity>): Promise<NewActivity>;
  async function recorded(more: Partial<NewActivity> = {}): Promise<NewActivity> {
    const activity = aNewActivity(more);
    await store.record(activity);
    return activity;
  }

  async function onRecord({ id }: Pick<Activity, 'id'>): Promise<Activity> {
    const found = await store.get(id);
    if (!found) throw new Error('it is on record');
    return found;
  }

  it('ends an activity whose revision is missing', async () => {
    const origin = await recorded({ workflowRevision: 99 });
    await starter.startNew(origin);

    const { status, failure } = await onRecord(origin);
    expect(status).toBe('failed');
    expect(failure).toMatchObject({ level: 'workflow', code: 'REVISION_NOT_FOUND' });
  });

  it('begins a child without a read, and leaves it to a sweeper when there is no permit', async () => {
    const read = jest.spyOn(store, 'get');
    const children = [1, 2].map((at) => aNewActivity({ event: anEvent({ id: `child-${at}` }) }));
    for (const child of children) await store.record(child);
    await starter.startChild(children[0] as NewActivity);
    expect(tasks.calls).toHaveLength(1);

    const held = Array.from({ length: runs.free }, () => permits.acquire());
    await starter.startChild(children[1] as NewActivity);
    await Promise.all(held);

    expect({ calls: tasks.calls.length, reads: read.mock.calls }).toEqual({ calls: 1, reads: [] });
  });

  it('tells operators of an end that no workflow is to blame for', async () => {
    await starter.startNew(await recorded({ workflowRevision: 99 }));

    const text = await metrics.registry.metrics();
    expect(text).toContain('flow_runs_broken_total{code="REVISION_NOT_FOUND"} 1\n');
    expect(text).toContain('flow_run_seconds_count{status="failed"} 1\n');
    expect(log.lines).toMatchObject([{ level: 'error', fields: { code: 'REVISION_NOT_FOUND' } }]);
  });

  it('reports no end that another process wrote', async () => {
    const origin = await recorded({ workflowRevision: 99 });
    await starter.startNew(origin);
    await starter.startNew(origin);

    expect(log.lines).toHaveLength(1);
  });

  it('records an activity that cannot run and is not on record', async () => {
    const origin = aNewActivity({ workflowRevision: 99 });
    await starter.startNew(origin);

    expect(await onRecord(origin)).toMatchObject({ status: 'failed', event: origin.event });
  });

  it('keeps the results of a run whose revision is missing, and ends its running tasks', async () => {
    const origin = await recorded({ workflowRevision: 99 });
    const call = { status: 'running', attempt: 1, keyAttempt: 1, startedAt: NOW } as const;
    const state = aState({ tasks: { call, next: { status: 'pending' } }, results: { so: 'far' } });
    store.put({ ...(await onRecord(origin)), status: 'running', state });
    await starter.resume(await onRecord(origin));

    const { state: ended } = await onRecord(origin);
    expect(ended).toMatchObject({ status: 'failed', results: { so: 'far' } });
    expect(ended?.tasks).toMatchObject({ call: { status: 'failed' }, next: { status: 'skipped' } });
  });

  it('cancels what cannot be run if somebody was told that it would be', async () => {
    const origin = await recorded({ workflowRevision: 99 });
    const cancel = { id: 'signal-1', kind: 'cancel', reason: 'enough', at: NOW } as const;
    await store.signal(origin.id, cancel);
    await starter.resume(await onRecord(origin));

    expect(await onRecord(origin)).toMatchObject({ status: 'cancelled', inbox: [] });
  });

  it('continues the run on record', async () => {
    await starter.resume(await onRecord(await recorded()));

    expect(tasks.calls).toHaveLength(1);
  });

  it('goes on with what the request of a webhook said', async () => {
    const request = { query: {}, headers: { 'x-github-event': 'push' } };
    await starter.resume(await onRecord(await recorded({ workflowId: 'workflow-2', request })));

    expect(JSON.stringify(tasks.calls)).toContain('https://example.org/push');
  });

  it('leaves a run to the executor that has its lease', async () => {
    const origin = await recorded({ wakeAt: NOW });
    await store.claimDue({ now: NOW, limit: 1, leaseMs: LEASE_MS, owner: 'another executor' });
    await starter.resume(await onRecord(origin));

    expect(tasks.calls).toHaveLength(0);
  });

  it('does not write to an ended run', async () => {
    const origin = await recorded({ workflowRevision: 99 });
    await starter.startNew(origin);
    const over = await onRecord(origin);
    await starter.resume(over);

    expect(await onRecord(origin)).toEqual(over);
  });

  it('does not begin a retry that goes on from a run which it fails to read', async () => {
    const first = await recorded({ workflowRevision: 99 });
    await starter.startNew(first);
    const retryOf = {
      ...{ activity: first.id, first: first.id, attempt: 2, keysOf: first.id },
      ...({ from: 'failed', revision: 'latest', by: 'ada', reason: 'mended' } as const),
    };
    const retry = await onRecord(await recorded({ event: anEvent({ id: 'event-2' }), retryOf }));
    jest.spyOn(store, 'get').mockRejectedValueOnce(new StoreOverloadedError('get'));

    await expect(starter.resume(retry)).rejects.toThrow(StoreOverloadedError);

    expect(tasks.calls).toHaveLength(0);
    expect(await onRecord(retry)).toEqual(retry);
  });

  describe('what begins later', () => {
    const later = { notBefore: NOW + 5_000, wakeAt: NOW, requires: ['start:later'] };

    it('is not begun before, and waits for its time without a lease', async () => {
      const origin = await recorded(later);
      const features = ['start:later'];
      const claim = { now: NOW, limit: 1, leaseMs: LEASE_MS, owner: runs.owner, features };
      const [claimed] = await store.claimDue(claim);
      if (!claimed) throw new Error('it was due');

      await starter.resume(claimed);

      expect(tasks.calls).toHaveLength(0);
      const found = await onRecord(origin);
      expect(found).toMatchObject({ status: 'queued', wakeAt: NOW + 5_000 });
      expect(found).not.toHaveProperty('leaseOwner');
    });

    it('is begun when its time has come', async () => {
      await starter.resume(await onRecord(await recorded({ ...later, notBefore: NOW })));

      expect(tasks.calls).toHaveLength(1);
    });

    it('is cancelled before', async () => {
      const origin = await recorded(later);
      await store.signal(origin.id, { id: 's', kind: 'cancel', reason: 'enough', at: NOW });

      await starter.resume(await onRecord(origin));

      expect(await onRecord(origin)).toMatchObject({ status: 'cancelled' });
      expect(tasks.calls).toHaveLength(0);
    });
  });

  describe('what this build lacks', () => {
    const requires = ['task:from-a-later-release'];

    it.each([
      ['a message says so', { requires }],
      ['its stored revision says so, and nobody else did', {}],
    ])('leaves to others, due at once, when %s', async (_, said) => {
      const activity = await recorded({ workflowId: 'sleeping', ...said });

      await starter.startNew(activity);

      const found = await onRecord(activity);
      expect(found).toMatchObject({ status: 'queued', requires, wakeAt: NOW });
      expect(found).not.toHaveProperty('leaseOwner');
    });

    it('releases what a sweeper claimed, and does not write what is recorded already', async () => {
      const activity = await recorded({ workflowId: 'sleeping', wakeAt: NOW });
      const claim = { now: NOW, limit: 1, leaseMs: LEASE_MS, owner: runs.owner };
      const [claimed] = await store.claimDue(claim);
      if (!claimed) throw new Error('it was due');

      await starter.resume(claimed);
      const left = await onRecord(activity);
      await starter.resume(left);

      expect(left).toMatchObject({ status: 'queued', requires, wakeAt: NOW });
      expect(left).not.toHaveProperty('leaseOwner');
      expect(await onRecord(activity)).toEqual(left);
    });

    it('leaves a state of a later version', async () => {
      const activity = await recorded();
      const later = { state: aState(), stateVersion: 99, wakeAt: NOW };
      await store.commit({ id: activity.id, lockVersion: 1, ...later });
      const before = await onRecord(activity);

      await starter.resume(before);

      expect(await onRecord(activity)).toEqual(before);
    });

    it('cancels all the same, if it has not begun, and calls it no defect', async () => {
      const activity = await recorded({ workflowId: 'sleeping', requires });
      await store.signal(activity.id, { id: 's', kind: 'cancel', reason: 'a test', at: NOW });

      await starter.resume(await onRecord(activity));

      expect(await onRecord(activity)).toMatchObject({ status: 'cancelled' });
      expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    });
  });
});
