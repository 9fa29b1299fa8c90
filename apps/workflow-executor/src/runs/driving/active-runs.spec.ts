import { until } from '@app/errors/testing';
import { jest } from '@jest/globals';
import { FlowMetrics } from '@app/observability';
import { MemoryLog } from '@app/observability/testing';
import { activityBytes, StoreUnavailableError } from '@app/persistence';
import { anEvent, aNewActivity, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { anHttpTask, aPlan, aScope } from '@app/workflow-engine/testing';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActiveRuns } from './active-runs.js';
import { type Run } from './run.js';
import { RunMemory } from '../memory/run-memory.js';
import { Semaphore } from './semaphore.js';
import { runParts } from '../testing/run-parts.js';

const CALLING = aPlan([anHttpTask('call')]);

describe(ActiveRuns.name, () => {
  let store: MemoryActivityStore;
  let tasks: HandDrivenTasks;
  let semaphore: Semaphore;
  let runs: ActiveRuns;
  let metrics: FlowMetrics;
  let log: MemoryLog;

  beforeEach(() => {
    store = new MemoryActivityStore();
    tasks = new HandDrivenTasks();
    metrics = new FlowMetrics();
    log = new MemoryLog();
    const parts = runParts(store, tasks);
    semaphore = new Semaphore(1);
    runs = new ActiveRuns(semaphore, parts, metrics, log);
  });

  afterEach(async () => {
    await runs.stop(0);
  });

  async function aRun(eventId: string): Promise<Run> {
    const origin = aNewActivity({ event: anEvent({ id: eventId }) });
    await store.record(origin);
    const trace = { traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), sampled: true };
    return { activityId: origin.id, plan: CALLING, scope: aScope(), trace, origin };
  }

  it('gives the permit back when a run only waits for its calls', async () => {
    const run = await aRun('1');
    const started = runs.start(run);
    expect({ free: runs.free, size: runs.size }).toEqual({ free: 0, size: 0 });
    await started;
    expect({ free: runs.free, size: runs.size }).toEqual({ free: 1, size: 1 });

    tasks.succeed('call');
    await until(() => runs.size === 0);
    expect(runs.free).toBe(1);
  });

  it('keeps the lease of a run that has a driver when leases are given up', async () => {
    const run = await aRun('1');
    await runs.start(run);

    await runs.giveUpLeases([run.activityId]);

    expect(await store.get(run.activityId)).toMatchObject({ leaseOwner: runs.owner });
  });

  it('makes the next run wait for a permit', async () => {
    await semaphore.acquire();
    const started = runs.start(await aRun('1'));
    await new Promise((resolve) => setImmediate(resolve));
    expect({ size: runs.size, calls: tasks.calls.length }).toEqual({ size: 0, calls: 0 });
    semaphore.release();
    await started;

    expect(tasks.calls).toHaveLength(1);
  });

  it('makes the next one wait for room in bytes, which a run holds until it is over', async () => {
    const [first, second] = [await aRun('1'), await aRun('2')];
    const bytes = activityBytes(first.origin);
    const memory = new RunMemory({ activityBytesMax: bytes * 1.5, answerBytesMax: 1 });
    const parts = runParts(store, tasks);
    const bounded = new ActiveRuns(new Semaphore(10), parts, metrics, log, memory);
    await bounded.start(first);
    const started = bounded.start(second);
    await new Promise((resolve) => setImmediate(resolve));
    expect({ size: bounded.size, held: memory.activityBytes }).toEqual({ size: 1, held: bytes });

    tasks.succeed('call');
    await started;
    expect(tasks.calls).toHaveLength(2);
    await bounded.stop(0);
    expect(memory.activityBytes).toBe(0);
  });

  it('holds room for the signals that came for a run, before it began and since', async () => {
    const run = await aRun('1');
    const results = { text: 'x'.repeat(10_000) };
    const answered = (id: string): Promise<unknown> =>
      store.signal(run.activityId, {
        ...{ id, at: NOW, kind: 'worker-result', task: 'none', attempt: 1 },
        outcome: { kind: 'succeeded', results },
      });
    await answered('one');
    const memory = RunMemory.unbounded();
    const parts = runParts(store, tasks);
    const bounded = new ActiveRuns(new Semaphore(10), parts, metrics, log, memory);
    const found = await store.get(run.activityId);
    await bounded.start(found ? { ...run, found } : run);
    expect(memory.activityBytes).toBeGreaterThan(10_000);

    for (const id of ['two', 'three']) await answered(id);
    bounded.notify(run.activityId);
    await until(() => memory.activityBytes > 20_000);
    tasks.succeed('call');
    await until(() => bounded.size === 0);
    expect(memory.activityBytes).toBe(0);
  });

  it('drives an activity once, however often it is notified', async () => {
    const run = await aRun('1');
    await Promise.all([runs.start(run), runs.start(run), runs.start(run)]);

    expect(tasks.calls).toHaveLength(1);
  });

  it('releases the permit when the first commit fails', async () => {
    const run = await aRun('1');
    store.outage.begin();

    await expect(runs.start(run)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect({ free: runs.free, size: runs.size }).toEqual({ free: 1, size: 0 });
  });

  it('remembers that a first commit without an answer may have left a lease', async () => {
    const run = await aRun('1');
    const commit = store.commit.bind(store);
    jest.spyOn(store, 'commit').mockImplementationOnce(async (what) => {
      await commit(what);
      throw new StoreUnavailableError('commit');
    });

    await expect(runs.start(run)).rejects.toThrow(StoreUnavailableError);
    expect(runs.mayOwnMore).toBe(true);
    expect((await store.get(run.activityId))?.leaseOwner).toBe(runs.owner);
  });

  it('counts the wait of an activity once, whoever brings it, however often', async () => {
    const [first, second] = [await aRun('1'), await aRun('2')];
    await runs.start(first);
    tasks.succeed('call');
    await until(() => runs.size === 0);
    await runs.start(first);
    const found = await store.get(second.activityId);
    if (!found) throw new Error('it is on record');
    await runs.start({ ...second, found });

    const text = await metrics.registry.metrics();
    expect(text).toContain('flow_queue_wait_seconds_count 2\n');
  });

  it('reports a run on which the engine fails to operators', async () => {
    const run = await aRun('1');
    await runs.start({ ...run, plan: { ...CALLING, tasks: null as unknown as [] } });

    expect(log.lines).toMatchObject([{ level: 'error', fields: { code: 'ENGINE_DEFECT' } }]);
    const text = await metrics.registry.metrics();
    expect(text).toContain('flow_runs_broken_total{code="ENGINE_DEFECT"} 1\n');
  });

  it('rejects every message of a run whose first commit fails', async () => {
    const run = await aRun('1');
    store.outage.begin();
    const first = runs.start(run);
    while (runs.size === 0) await Promise.resolve();
    const second = runs.start(run);

    const outcomes = await Promise.allSettled([first, second]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('takes no run once it stops, and leaves those that do not end in time', async () => {
    await runs.start(await aRun('1'));
    await runs.stop(0);

    expect(runs.free).toBe(0);
    await expect(runs.start(await aRun('2'))).rejects.toMatchObject({ code: 'EXECUTOR_STOPPING' });
    await until(() => runs.size === 0);
    expect(tasks.calls[0]?.abort.aborted).toBe(true);
  });

  it('rejects everyone who waits for a permit when it stops', async () => {
    const some = [await aRun('1'), await aRun('2'), await aRun('3')];
    const outcomes = Promise.allSettled(some.map((run) => runs.start(run)));
    await runs.stop(0);

    const reason = expect.objectContaining({ code: 'EXECUTOR_STOPPING' }) as unknown;
    const [, ...waiting] = await outcomes;
    expect(waiting).toEqual(waiting.map(() => ({ status: 'rejected', reason })));
    expect(waiting).toHaveLength(2);
    expect(tasks.calls.length).toBeLessThanOrEqual(1);
  });

  it('gives up the leases of the runs that it leaves', async () => {
    const run = await aRun('1');
    await runs.start(run);
    expect((await store.get(run.activityId))?.leaseOwner).toBe(runs.owner);
    await runs.stop(0);

    const left = await store.get(run.activityId);
    expect(left).toMatchObject({ status: 'running', wakeAt: NOW });
    expect(left).not.toHaveProperty('leaseOwner');
  });

  it('stops although MongoDB is gone; the leases run out then', async () => {
    await runs.start(await aRun('1'));
    store.outage.begin();
    await runs.stop(0);

    expect(runs.size).toBe(0);
  });

  it('waits for what is in flight when it stops', async () => {
    await runs.start(await aRun('1'));
    const stopped = runs.stop(60_000);
    tasks.succeed('call');
    await stopped;

    expect(runs.size).toBe(0);
  });
});
