import { until } from '@app/errors/testing';
import { StoreWriteRefusedError } from '@app/persistence';
import { NOW } from '@app/persistence/testing';
import { anHttpTask, aPlan } from '@app/workflow-engine/testing';
import { DriverFixture, PURE } from '../testing/driver-fixture.js';
import { LEASE_MS } from '../testing/run-parts.js';
import { ActivityDriver } from './activity-driver.js';

describe(ActivityDriver.name, () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await DriverFixture.make();
  });

  it('runs a workflow of pure tasks with one commit', async () => {
    const end = await fixture.driver({ plan: PURE }).begin();

    expect(end).toBe('final');
    const { status, lockVersion, state, wakeAt } = await fixture.onRecord();
    expect({ status, lockVersion, wakeAt }).toEqual({ status: 'succeeded', lockVersion: 2 });
    expect(state?.results).toEqual({ said: 'hello' });
  });

  it('claims before it calls: the call finds its task running and leased on record', async () => {
    const begun = await fixture.driver().begin();

    expect(begun).toBe('calling');
    expect(fixture.tasks.calls).toHaveLength(1);
    const { state, leaseOwner, wakeAt } = await fixture.onRecord();
    expect(state?.tasks['call']).toMatchObject({ status: 'running', attempt: 1 });
    expect({ leaseOwner, wakeAt }).toEqual({ leaseOwner: 'driver-1', wakeAt: NOW + LEASE_MS });
  });

  it('records the result of the call, and ends', async () => {
    const driving = fixture.driver();
    await driving.begin();
    fixture.tasks.succeed('call', { statusCode: 200 });

    expect(await driving.finish()).toBe('final');
    const { status, state, leaseOwner } = await fixture.onRecord();
    expect(status).toBe('succeeded');
    expect(state?.tasks['call']).toMatchObject({ results: { statusCode: 200 } });
    expect(leaseOwner).toBeUndefined();
  });

  it('does not begin a run that another driver has begun', async () => {
    await fixture.driver({}, 'driver-1').begin();

    expect(await fixture.driver({}, 'driver-2').begin()).toBe('left');
    expect(fixture.tasks.calls).toHaveLength(1);
  });

  it('continues the run of a dead executor: the same attempt, with the same idempotency key', async () => {
    await fixture.driver({}, 'driver-1').begin();
    fixture.now += LEASE_MS + 1;
    const found = await fixture.claimDue('driver-2');
    const second = fixture.driver({ found }, 'driver-2');
    await second.begin();

    expect(fixture.tasks.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      `${fixture.origin.id}:call:1`,
      `${fixture.origin.id}:call:1`,
    ]);
    fixture.tasks.succeed('call');
    expect(await second.finish()).toBe('final');
  });

  it('leaves, and records nothing, when its lease was lost in the meantime', async () => {
    const first = fixture.driver({}, 'driver-1');
    await first.begin();
    fixture.now += LEASE_MS + 1;
    await fixture.claimDue('driver-2');
    fixture.tasks.succeed('call');

    expect(await first.finish()).toBe('left');
    expect((await fixture.onRecord()).state?.tasks['call']).toMatchObject({ status: 'running' });
  });

  it('leaves a lease that ran out to the sweeper, which counts it', async () => {
    await fixture.driver({}, 'driver-1').begin();
    fixture.now += LEASE_MS + 1;

    expect(await fixture.driver({}, 'driver-2').begin()).toBe('left');
    expect(fixture.tasks.calls).toHaveLength(1);
  });

  it('keeps counting takeovers while it only repeats calls, and resets the count when the run makes progress', async () => {
    const plan = aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']);
    await fixture.driver({ plan }, 'driver-1').begin();
    fixture.now += LEASE_MS + 1;
    const found = await fixture.claimDue('driver-2');
    const second = fixture.driver({ plan, found }, 'driver-2');
    await second.begin();
    const finished = second.finish();
    fixture.now += LEASE_MS / 2;
    second.notify();
    await until(async () => (await fixture.onRecord()).wakeAt === fixture.now + LEASE_MS);
    expect((await fixture.onRecord()).takeovers).toBe(1);

    fixture.tasks.succeed('one');
    await until(async () => (await fixture.onRecord()).state?.tasks['one']?.status === 'succeeded');
    expect((await fixture.onRecord()).takeovers).toBeUndefined();
    fixture.tasks.succeed('two');
    expect(await finished).toBe('final');
  });

  it('aborts its calls when it breaks, and leaves the lease to run out', async () => {
    const driving = fixture.driver({
      plan: aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']),
    });
    await driving.begin();
    fixture.store.commit = () =>
      Promise.reject(new StoreWriteRefusedError('commit activities', 121));
    fixture.tasks.succeed('one');

    await expect(driving.finish()).rejects.toMatchObject({ code: 'STORE_WRITE_REFUSED' });
    expect(fixture.tasks.calls.map(({ abort }) => abort.aborted)).toEqual([true, true]);
    expect((await fixture.onRecord()).leaseOwner).toBe('driver-1');
  });

  it('keeps its calls when a sweeper of the same executor took the lease that ran out', async () => {
    const driving = fixture.driver();
    await driving.begin();
    fixture.now += LEASE_MS + 1;
    await fixture.claimDue('driver-1');
    fixture.tasks.succeed('call');

    expect(await driving.finish()).toBe('final');
    expect(fixture.tasks.calls).toHaveLength(1);
  });

  it('continues at once a run that its own executor claimed without an answer', async () => {
    await fixture.driver().begin();
    const second = fixture.driver();

    expect(await second.begin()).toBe('calling');
    expect(fixture.tasks.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      `${fixture.origin.id}:call:1`,
      `${fixture.origin.id}:call:1`,
    ]);
  });

  it('takes two concurrent results, and repeats no call', async () => {
    const driving = fixture.driver({
      plan: aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']),
    });
    await driving.begin();
    fixture.tasks.succeed('one');
    fixture.tasks.succeed('two');

    expect(await driving.finish()).toBe('final');
    const { status, state } = await fixture.onRecord();
    expect(status).toBe('succeeded');
    expect(state?.tasks).toMatchObject({
      one: { status: 'succeeded' },
      two: { status: 'succeeded' },
    });
    expect(fixture.tasks.calls).toHaveLength(2);
  });

  it('keeps its calls after another write, and repeats none', async () => {
    const driving = fixture.driver({
      plan: aPlan([anHttpTask('one'), anHttpTask('two')], ['one', 'two']),
    });
    await driving.begin();
    const { lockVersion, state, wakeAt } = await fixture.onRecord();
    if (!state || wakeAt === undefined) throw new Error('it was begun');
    // What a commit of unknown outcome leaves: the same state and lease, one lock version later.
    await fixture.store.commit({
      id: fixture.origin.id,
      lockVersion,
      state,
      wakeAt,
      leaseOwner: 'driver-1',
    });
    fixture.tasks.succeed('one');
    fixture.tasks.succeed('two');

    expect(await driving.finish()).toBe('final');
    expect((await fixture.onRecord()).status).toBe('succeeded');
    expect(fixture.tasks.calls).toHaveLength(2);
  });

  it('renews the lease by itself while a call takes long', async () => {
    const driving = fixture.driver();
    await driving.begin();
    fixture.now += LEASE_MS / 2;
    const finished = driving.finish();
    await until(async () => (await fixture.onRecord()).wakeAt === fixture.now + LEASE_MS);
    fixture.tasks.succeed('call');

    expect(await finished).toBe('final');
  });

  it('aborts a call whose time is over, and leaves the others alone', async () => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 5_000, delayMsMax: 5_000 } as const;
    const slow = anHttpTask('slow', ['start'], { timeoutMs: 1_000, retry });
    const driving = fixture.driver({ plan: aPlan([slow, anHttpTask('other')], ['slow', 'other']) });
    await driving.begin();
    const finished = driving.finish();
    fixture.now += 1_000;
    driving.notify();
    await until(async () => fixture.tasks.calls[0]?.abort.aborted === true);

    expect(fixture.tasks.calls[1]?.abort.aborted).toBe(false);
    fixture.tasks.succeed('other');
    expect(await finished).toBe('waiting');
  });

  it('waits on record, not in memory, for a retry', async () => {
    const retry = { attemptsMax: 2, backoff: 'fixed', delayMs: 5_000, delayMsMax: 5_000 } as const;
    const driving = fixture.driver({ plan: aPlan([anHttpTask('call', ['start'], { retry })]) });
    await driving.begin();
    fixture.tasks.fail('call');

    expect(await driving.finish()).toBe('waiting');
    expect(await fixture.onRecord()).toMatchObject({ status: 'waiting', wakeAt: NOW + 5_000 });
  });

  it('ends an activity on which the engine breaks, where it can be seen', async () => {
    const broken = { ...PURE, tasks: null } as unknown as typeof PURE;

    expect(await fixture.driver({ plan: broken }).begin()).toBe('final');
    expect((await fixture.onRecord()).state?.failure).toMatchObject({ code: 'ENGINE_DEFECT' });
  });
});
