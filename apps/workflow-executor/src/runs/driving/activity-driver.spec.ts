import { until } from '@app/errors/testing';
import { StoreWriteRefusedError } from '@app/persistence';
import { NOW } from '@app/persistence/testing';
import { anHttpTask, aPlan } from '@app/workflow-engine/testing';
import { DriverBench, PURE } from '../testing/driver-bench.js';
import { LEASE_MS } from '../testing/run-parts.js';
import { ActivityDriver } from './activity-driver.js';

describe(ActivityDriver.name, () => {
  let bench: DriverBench;

  beforeEach(async () => {
    bench = await DriverBench.make();
  });

  it('runs a workflow of pure tasks with one commit', async () => {
    const end = await bench.driver({ plan: PURE }).begin();

    expect(end).toBe('final');
    const { status, lockVersion, state, wakeAt } = await bench.onRecord();
    expect({ status, lockVersion, wakeAt }).toEqual({ status: 'succeeded', lockVersion: 2 });
    expect(state?.results).toEqual({ said: 'hello' });
  });

  it('claims before it calls: the call finds its task running and leased on record', async () => {
    const begun = await bench.driver().begin();

    expect(begun).toBe('calling');
    expect(bench.tasks.calls).toHaveLength(1);
    const { state, leaseOwner, wakeAt } = await bench.onRecord();
    expect(state?.tasks['call']).toMatchObject({ status: 'running', attempt: 1 });
    expect({ leaseOwner, wakeAt }).toEqual({ leaseOwner: 'driver-1', wakeAt: NOW + LEASE_MS });
  });

  it('records the result of the call, and ends', async () => {
    const driving = bench.driver();
    await driving.begin();
    bench.tasks.succeed('call', { statusCode: 200 });

    expect(await driving.finish()).toBe('final');
    const { status, state, leaseOwner } = await bench.onRecord();
    expect(status).toBe('succeeded');
    expect(state?.tasks['call']).toMatchObject({ results: { statusCode: 200 } });
    expect(leaseOwner).toBeUndefined();
  });

  it('does not begin a run that another driver has begun', async () => {
    await bench.driver({}, 'driver-1').begin();

    expect(await bench.driver({}, 'driver-2').begin()).toBe('left');
    expect(bench.tasks.calls).toHaveLength(1);
  });

  it('continues the run of a dead executor: the same attempt, with the same idempotency key', async () => {
    await bench.driver({}, 'driver-1').begin();
    bench.now += LEASE_MS + 1;
    const found = await bench.claimDue('driver-2');
    const second = bench.driver({ found }, 'driver-2');
    await second.begin();

    expect(bench.tasks.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      `${bench.origin.id}:call:1`,
      `${bench.origin.id}:call:1`,
    ]);
    bench.tasks.succeed('call');
    expect(await second.finish()).toBe('final');
  });

  it('leaves, and records nothing, when its lease was lost in the meantime', async () => {
    const first = bench.driver({}, 'driver-1');
    await first.begin();
    bench.now += LEASE_MS + 1;
    await bench.claimDue('driver-2');
    bench.tasks.succeed('call');

    expect(await first.finish()).toBe('left');
    expect((await bench.onRecord()).state?.tasks['call']).toMatchObject({ status: 'running' });
  });

  it('leaves a lease that ran out to the sweeper, which counts it', async () => {
    await bench.driver({}, 'driver-1').begin();
    bench.now += LEASE_MS + 1;

    expect(await bench.driver({}, 'driver-2').begin()).toBe('left');
    expect(bench.tasks.calls).toHaveLength(1);
  });

  it('keeps counting takeovers while it only repeats calls, and resets the count when the run makes progress', async () => {
    const plan = aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']);
    await bench.driver({ plan }, 'driver-1').begin();
    bench.now += LEASE_MS + 1;
    const found = await bench.claimDue('driver-2');
    const second = bench.driver({ plan, found }, 'driver-2');
    await second.begin();
    const finished = second.finish();
    bench.now += LEASE_MS / 2;
    second.notify();
    await until(async () => (await bench.onRecord()).wakeAt === bench.now + LEASE_MS);
    expect((await bench.onRecord()).takeovers).toBe(1);

    bench.tasks.succeed('one');
    await until(async () => (await bench.onRecord()).state?.tasks['one']?.status === 'succeeded');
    expect((await bench.onRecord()).takeovers).toBeUndefined();
    bench.tasks.succeed('two');
    expect(await finished).toBe('final');
  });

  it('aborts its calls when it breaks, and leaves the lease to run out', async () => {
    const driving = bench.driver({
      plan: aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']),
    });
    await driving.begin();
    bench.store.commit = () => Promise.reject(new StoreWriteRefusedError('commit activities', 121));
    bench.tasks.succeed('one');

    await expect(driving.finish()).rejects.toMatchObject({ code: 'STORE_WRITE_REFUSED' });
    expect(bench.tasks.calls.map(({ abort }) => abort.aborted)).toEqual([true, true]);
    expect((await bench.onRecord()).leaseOwner).toBe('driver-1');
  });

  it('keeps its calls when a sweeper of the same executor took the lease that ran out', async () => {
    const driving = bench.driver();
    await driving.begin();
    bench.now += LEASE_MS + 1;
    await bench.claimDue('driver-1');
    bench.tasks.succeed('call');

    expect(await driving.finish()).toBe('final');
    expect(bench.tasks.calls).toHaveLength(1);
  });

  it('continues at once a run that its own executor claimed without an answer', async () => {
    await bench.driver().begin();
    const second = bench.driver();

    expect(await second.begin()).toBe('calling');
    expect(bench.tasks.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      `${bench.origin.id}:call:1`,
      `${bench.origin.id}:call:1`,
    ]);
  });

  it('takes two concurrent results, and repeats no call', async () => {
    const driving = bench.driver({
      plan: aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']),
    });
    await driving.begin();
    bench.tasks.succeed('one');
    bench.tasks.succeed('two');

    expect(await driving.finish()).toBe('final');
    const { status, state } = await bench.onRecord();
    expect(status).toBe('succeeded');
    expect(state?.tasks).toMatchObject({
      one: { status: 'succeeded' },
      two: { status: 'succeeded' },
    });
    expect(bench.tasks.calls).toHaveLength(2);
  });

  it('keeps its calls after another write, and repeats none', async () => {
    const driving = bench.driver({
      plan: aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']),
    });
    await driving.begin();
    const { lockVersion, state, wakeAt } = await bench.onRecord();
    if (!state || wakeAt === undefined) throw new Error('it was begun');
    // What a commit of unknown outcome leaves: the same state and lease, one lock version later.
    await bench.store.commit({
      id: bench.origin.id,
      lockVersion,
      state,
      wakeAt,
      leaseOwner: 'driver-1',
    });
    bench.tasks.succeed('one');
    bench.tasks.succeed('two');

    expect(await driving.finish()).toBe('final');
    expect((await bench.onRecord()).status).toBe('succeeded');
    expect(bench.tasks.calls).toHaveLength(2);
  });

  it('renews the lease by itself while a call takes long', async () => {
    const driving = bench.driver();
    await driving.begin();
    bench.now += LEASE_MS / 2;
    const finished = driving.finish();
    await until(async () => (await bench.onRecord()).wakeAt === bench.now + LEASE_MS);
    bench.tasks.succeed('call');

    expect(await finished).toBe('final');
  });

  it('aborts a call whose time is over, and leaves the others alone', async () => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 5_000, delayMsMax: 5_000 } as const;
    const slow = anHttpTask('slow', ['start'], { timeoutMs: 1_000, retry });
    const driving = bench.driver({ plan: aPlan([slow, anHttpTask('other')], ['slow', 'other']) });
    await driving.begin();
    const finished = driving.finish();
    bench.now += 1_000;
    driving.notify();
    await until(async () => bench.tasks.calls[0]?.abort.aborted === true);

    expect(bench.tasks.calls[1]?.abort.aborted).toBe(false);
    bench.tasks.succeed('other');
    expect(await finished).toBe('waiting');
  });

  it('waits on record, not in memory, for a retry', async () => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 5_000, delayMsMax: 5_000 } as const;
    const driving = bench.driver({ plan: aPlan([anHttpTask('call', ['start'], { retry })]) });
    await driving.begin();
    bench.tasks.fail('call');

    expect(await driving.finish()).toBe('waiting');
    expect(await bench.onRecord()).toMatchObject({ status: 'waiting', wakeAt: NOW + 5_000 });
  });

  it('ends an activity on which the engine breaks, where it can be seen', async () => {
    const broken = { ...PURE, tasks: null } as unknown as typeof PURE;

    expect(await bench.driver({ plan: broken }).begin()).toBe('final');
    expect((await bench.onRecord()).state?.failure).toMatchObject({ code: 'ENGINE_DEFECT' });
  });
});
