import {
  anEvent,
  aNewActivity,
  jsonData,
  MemoryActivityStore,
  NOW,
} from '@app/persistence/testing';
import { anHttpTask, aPlan, aScope, aTask } from '@app/workflow-engine/testing';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActivityDriver } from './activity-driver.js';
import { type Run } from './run.js';
import { RunMemory } from '../memory/run-memory.js';

const LEASE_MS = 30_000;
const ORIGIN = aNewActivity();
const PURE = aPlan([aTask('note', 'set-property', ['start'], { output: 'said', value: 'hello' })]);
const CALLING = aPlan([anHttpTask('call')]);

describe('what ActivityDriver has on record', () => {
  let store: MemoryActivityStore;
  let tasks: HandDrivenTasks;
  let now: number;

  beforeEach(async () => {
    store = new MemoryActivityStore();
    tasks = new HandDrivenTasks();
    now = NOW;
    await store.record(ORIGIN);
  });

  function driver(run: Partial<Run> = {}, owner = 'driver-1'): ActivityDriver {
    const whole: Run = {
      activityId: ORIGIN.id,
      plan: CALLING,
      scope: aScope(),
      trace: { traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), sampled: true },
      origin: ORIGIN,
      ...run,
    };
    const settings = { leaseMs: LEASE_MS, storeRetryMs: 1 };
    const parts = {
      store,
      handlers: { http: tasks, script: tasks, event: tasks },
      clock: () => now,
      settings,
    };
    return new ActivityDriver(whole, owner, parts, RunMemory.unbounded().force(0));
  }

  async function onRecord() {
    const activity = await store.get(ORIGIN.id);
    if (!activity) throw new Error('it is on record');
    return activity;
  }

  it('keeps a result while MongoDB is gone and records it when it is back', async () => {
    const driving = driver();
    await driving.begin();
    store.outage.begin();
    tasks.succeed('call');
    const finished = driving.finish();
    await new Promise((resolve) => setTimeout(resolve, 10));
    store.outage.end();

    expect(await finished).toBe('final');
    expect(tasks.calls).toHaveLength(1);
  });

  it('does not call anything while the claim can not be recorded', async () => {
    store.outage.begin();

    await expect(driver().begin()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(tasks.calls).toHaveLength(0);
  });

  it('makes the record when the message was the only copy', async () => {
    store = new MemoryActivityStore();

    expect(await driver({ plan: PURE }).begin()).toBe('final');
    expect(await onRecord()).toMatchObject({ status: 'succeeded', event: ORIGIN.event });
  });

  it('leaves the record alone that another event of the same id got in between', async () => {
    const other = aNewActivity({ event: anEvent({ data: jsonData('other') }) });
    store = new MemoryActivityStore();
    const get = store.get.bind(store);
    store.get = async () => {
      store.get = get;
      await store.record(other);
      return undefined;
    };

    expect(await driver().begin()).toBe('left');
    expect(await onRecord()).toMatchObject({
      status: 'queued',
      lockVersion: 1,
      event: other.event,
    });
    expect(tasks.calls).toHaveLength(0);
  });

  it('leaves when an event that was accepted first took the place of its own', async () => {
    const later = { ...ORIGIN, createdAt: NOW + 1 };
    const earlier = { ...ORIGIN, event: anEvent({ data: jsonData('earlier') }) };
    store = new MemoryActivityStore();
    await store.record(later);
    const displaced = driver({ origin: later });
    await store.recordEarlier(earlier);

    expect(await displaced.begin()).toBe('left');
    expect(await onRecord()).toMatchObject({ status: 'queued', event: earlier.event });
    expect(tasks.calls).toHaveLength(0);
  });

  it('ends an activity whose results no longer fit on record', async () => {
    const driving = driver();
    await driving.begin();
    tasks.succeed('call', { body: '€'.repeat(3_500_000) });

    expect(await driving.finish()).toBe('final');
    const { status, state } = await onRecord();
    expect(status).toBe('failed');
    expect(state?.failure?.code).toBe('ACTIVITY_TOO_LARGE');
  });
});
