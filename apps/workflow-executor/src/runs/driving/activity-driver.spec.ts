import { until } from '@app/errors/testing';
import { StoreWriteRefusedError } from '@app/persistence';
import { aNewActivity, MemoryActivityStore, NOW } from '@app/persistence/testing';
import { anHttpTask, aPlan, aScope, aTask } from '@app/workflow-engine/testing';
import { HandDrivenTasks } from '../../tasks/testing/hand-driven-tasks.js';
import { ActivityDriver } from './activity-driver.js';
import { type Run } from './run.js';
import { RunMemory } from '../memory/run-memory.js';

const LEASE_MS = 30_000;
const ORIGIN = aNewActivity();
const PURE = aPlan([aTask('note', 'set-property', ['start'], { output: 'said', value: 'hello' })]);
const CALLING = aPlan([anHttpTask('call')]);

describe(ActivityDriver.name, () => {
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

  it('runs a workflow of pure tasks with one commit', async () => {
    const end = await driver({ plan: PURE }).begin();

    expect(end).toBe('final');
    const { status, lockVersion, state, wakeAt } = await onRecord();
    expect({ status, lockVersion, wakeAt }).toEqual({ status: 'succeeded', lockVersion: 2 });
    expect(state?.results).toEqual({ said: 'hello' });
  });

  it('claims before it calls: the call finds its task running and leased on record', async () => {
    const begun = await driver().begin();

    expect(begun).toBe('calling');
    expect(tasks.calls).toHaveLength(1);
    const { state, leaseOwner, wakeAt } = await onRecord();
    expect(state?.tasks['call']).toMatchObject({ status: 'running', attempt: 1 });
    expect({ leaseOwner, wakeAt }).toEqual({ leaseOwner: 'driver-1', wakeAt: NOW + LEASE_MS });
  });

  it('records what the call brought, and ends', async () => {
    const driving = driver();
    await driving.begin();
    tasks.succeed('call', { statusCode: 200 });

    expect(await driving.finish()).toBe('final');
    const { status, state, leaseOwner } = await onRecord();
    expect(status).toBe('succeeded');
    expect(state?.tasks['call']).toMatchObject({ results: { statusCode: 200 } });
    expect(leaseOwner).toBeUndefined();
  });

  it('does not begin what another one has begun', async () => {
    await driver({}, 'driver-1').begin();

    expect(await driver({}, 'driver-2').begin()).toBe('left');
    expect(tasks.calls).toHaveLength(1);
  });

  it('takes up what a dead one left: the same attempt, with the same idempotency key', async () => {
    await driver({}, 'driver-1').begin();
    now += LEASE_MS + 1;
    const [found] = await store.claimDue({ now, limit: 1, leaseMs: LEASE_MS, owner: 'driver-2' });
    if (!found) throw new Error('it is due');
    const second = driver({ found }, 'driver-2');
    await second.begin();

    expect(tasks.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      `${ORIGIN.id}:call:1`,
      `${ORIGIN.id}:call:1`,
    ]);
    tasks.succeed('call');
    expect(await second.finish()).toBe('final');
  });

  it('leaves, and records nothing, when its lease was lost in the meantime', async () => {
    const first = driver({}, 'driver-1');
    await first.begin();
    now += LEASE_MS + 1;
    await store.claimDue({ now, limit: 1, leaseMs: LEASE_MS, owner: 'driver-2' });
    tasks.succeed('call');

    expect(await first.finish()).toBe('left');
    expect((await onRecord()).state?.tasks['call']).toMatchObject({ status: 'running' });
  });

  it('leaves a lease that ran out to the sweeper, which counts it', async () => {
    await driver({}, 'driver-1').begin();
    now += LEASE_MS + 1;

    expect(await driver({}, 'driver-2').begin()).toBe('left');
    expect(tasks.calls).toHaveLength(1);
  });

  it('counts takeovers on while it only repeats calls, and anew when the run moves on', async () => {
    const plan = aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']);
    await driver({ plan }, 'driver-1').begin();
    now += LEASE_MS + 1;
    const [found] = await store.claimDue({ now, limit: 1, leaseMs: LEASE_MS, owner: 'driver-2' });
    if (!found) throw new Error('it is due');
    const second = driver({ plan, found }, 'driver-2');
    await second.begin();
    const finished = second.finish();
    now += LEASE_MS / 2;
    second.notify();
    await until(async () => (await onRecord()).wakeAt === now + LEASE_MS);
    expect((await onRecord()).takeovers).toBe(1);

    tasks.succeed('one');
    await until(async () => (await onRecord()).state?.tasks['one']?.status === 'succeeded');
    expect((await onRecord()).takeovers).toBeUndefined();
    tasks.succeed('two');
    expect(await finished).toBe('final');
  });

  it('aborts its calls when it breaks, and leaves the lease to run out', async () => {
    const driving = driver({ plan: aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']) });
    await driving.begin();
    store.commit = () => Promise.reject(new StoreWriteRefusedError('commit activities', 121));
    tasks.succeed('one');

    await expect(driving.finish()).rejects.toMatchObject({ code: 'STORE_WRITE_REFUSED' });
    expect(tasks.calls.map(({ abort }) => abort.aborted)).toEqual([true, true]);
    expect((await onRecord()).leaseOwner).toBe('driver-1');
  });

  it('keeps its calls when a sweeper of the same executor took the lease that ran out', async () => {
    const driving = driver();
    await driving.begin();
    now += LEASE_MS + 1;
    await store.claimDue({ now, limit: 1, leaseMs: LEASE_MS, owner: 'driver-1' });
    tasks.succeed('call');

    expect(await driving.finish()).toBe('final');
    expect(tasks.calls).toHaveLength(1);
  });

  it('takes up at once what its own executor claimed without an answer', async () => {
    await driver().begin();
    const second = driver();

    expect(await second.begin()).toBe('calling');
    expect(tasks.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      `${ORIGIN.id}:call:1`,
      `${ORIGIN.id}:call:1`,
    ]);
  });

  it('takes two results that come at once, and makes no call a second time', async () => {
    const driving = driver({ plan: aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']) });
    await driving.begin();
    tasks.succeed('one');
    tasks.succeed('two');

    expect(await driving.finish()).toBe('final');
    const { status, state } = await onRecord();
    expect(status).toBe('succeeded');
    expect(state?.tasks).toMatchObject({
      one: { status: 'succeeded' },
      two: { status: 'succeeded' },
    });
    expect(tasks.calls).toHaveLength(2);
  });

  it('goes on with its calls when somebody else wrote, and makes none a second time', async () => {
    const driving = driver({ plan: aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']) });
    await driving.begin();
    const { lockVersion, state, wakeAt } = await onRecord();
    if (!state || wakeAt === undefined) throw new Error('it was begun');
    // What a commit of unknown outcome leaves: the same state and lease, one lock version later.
    await store.commit({ id: ORIGIN.id, lockVersion, state, wakeAt, leaseOwner: 'driver-1' });
    tasks.succeed('one');
    tasks.succeed('two');

    expect(await driving.finish()).toBe('final');
    expect((await onRecord()).status).toBe('succeeded');
    expect(tasks.calls).toHaveLength(2);
  });

  it('renews the lease by itself while a call takes long', async () => {
    const driving = driver();
    await driving.begin();
    now += LEASE_MS / 2;
    const finished = driving.finish();
    await until(async () => (await onRecord()).wakeAt === now + LEASE_MS);
    tasks.succeed('call');

    expect(await finished).toBe('final');
  });

  it('aborts a call whose time is over, and leaves the others alone', async () => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 5_000, delayMsMax: 5_000 } as const;
    const slow = anHttpTask('slow', ['start'], { timeoutMs: 1_000, retry });
    const driving = driver({ plan: aPlan([slow, anHttpTask('other')], ['slow', 'other']) });
    await driving.begin();
    const finished = driving.finish();
    now += 1_000;
    driving.notify();
    await until(async () => tasks.calls[0]?.abort.aborted === true);

    expect(tasks.calls[1]?.abort.aborted).toBe(false);
    tasks.succeed('other');
    expect(await finished).toBe('waiting');
  });

  it('waits on record, not in memory, for a retry', async () => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 5_000, delayMsMax: 5_000 } as const;
    const driving = driver({ plan: aPlan([anHttpTask('call', ['start'], { retry })]) });
    await driving.begin();
    tasks.fail('call');

    expect(await driving.finish()).toBe('waiting');
    expect(await onRecord()).toMatchObject({ status: 'waiting', wakeAt: NOW + 5_000 });
  });

  it('ends an activity on which the engine breaks, where it can be seen', async () => {
    const broken = { ...PURE, tasks: null } as unknown as typeof PURE;

    expect(await driver({ plan: broken }).begin()).toBe('final');
    expect((await onRecord()).state?.failure).toMatchObject({ code: 'ENGINE_DEFECT' });
  });
});
