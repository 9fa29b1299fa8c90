import { until } from '@app/errors/testing';
import { jest } from '@jest/globals';
import { StoreUnavailableError } from '@app/persistence';
import { NOW } from '@app/persistence/testing';
import { type Signal } from '@app/workflow-engine';
import { anHttpTask, aPlan, aTask } from '@app/workflow-engine/testing';
import { STEP_SIGNALS_MAX } from '../known-record.js';
import { ActivityDriver } from './activity-driver.js';
import { DriverFixture } from '../testing/driver-fixture.js';
import { LEASE_MS } from '../testing/run-parts.js';

/** Waits for an event that does not come. */
const WAITING = aPlan([aTask('wait', 'wait-for-event', ['start'], { topic: 'paid' })]);
const anEvent = (at: number): Signal => ({
  id: `event-${at}`,
  at: NOW,
  kind: 'event',
  topic: 'other',
});
const cancel: Signal = { id: 'signal-1', kind: 'cancel', reason: 'enough', at: NOW };
const retry = { attemptsMax: 3, backoff: 'fixed', delayMs: 5_000, delayMsMax: 5_000 } as const;

let fixture: DriverFixture;

beforeEach(async () => {
  fixture = await DriverFixture.make();
});

describe(`${ActivityDriver.name} and signals`, () => {
  it('sees a signal that came while it was calling, and aborts the call', async () => {
    const driving = fixture.driver();
    await driving.begin();
    await fixture.store.signal(fixture.origin.id, cancel);
    driving.notify();

    expect(await driving.finish()).toBe('final');
    expect((await fixture.onRecord()).status).toBe('cancelled');
    expect(fixture.tasks.calls[0]?.abort.aborted).toBe(true);
  });

  it('reads the record after a notification before it writes', async () => {
    const driving = fixture.driver();
    await driving.begin();
    await fixture.store.signal(fixture.origin.id, cancel);
    const commits = jest.spyOn(fixture.store, 'commit');
    driving.notify();

    expect(await driving.finish()).toBe('final');
    expect(commits).toHaveBeenCalledTimes(1);
  });

  it('does not read the event again once the run has begun', async () => {
    const reads = jest.spyOn(fixture.store, 'get');
    const driving = fixture.driver();
    await driving.begin();
    await fixture.store.signal(fixture.origin.id, {
      id: 'signal-1',
      at: NOW,
      kind: 'event',
      topic: 'other',
      payload: 1,
    });
    driving.notify();
    const ended = driving.finish();
    await until(async () => fixture.store.peek(fixture.origin.id)?.inbox.length === 0);
    fixture.tasks.succeed('call');

    expect(await ended).toBe('final');
    expect(reads).not.toHaveBeenCalled();
  });

  it('sees a signal that came while a commit waited for its answer', async () => {
    const commit = fixture.store.commit.bind(fixture.store);
    const driving = fixture.driver();
    jest.spyOn(fixture.store, 'commit').mockImplementationOnce(async (what) => {
      const outcome = await commit(what);
      await fixture.store.signal(fixture.origin.id, cancel);
      driving.notify();
      return outcome;
    });
    await driving.begin();
    void driving.finish();

    await until(async () => (await fixture.onRecord()).status === 'cancelled');
  });

  it('keeps a signal that it has read when the commit after that fails', async () => {
    const driving = fixture.driver();
    await driving.begin();
    await fixture.store.signal(fixture.origin.id, cancel);
    const commits = jest
      .spyOn(fixture.store, 'commit')
      .mockRejectedValueOnce(new StoreUnavailableError('commit activities'));
    driving.notify();

    expect(await driving.finish()).toBe('final');
    expect(commits).toHaveBeenCalledTimes(2);
    expect(await fixture.onRecord()).toMatchObject({ status: 'cancelled', inbox: [] });
  });

  it('takes a signal once that was there before it began, though others write first', async () => {
    await fixture.store.signal(fixture.origin.id, cancel);
    const found = await fixture.onRecord();
    await fixture.store.signal(fixture.origin.id, { ...cancel, id: 'signal-2' });
    const commits = jest.spyOn(fixture.store, 'commit');

    expect(await fixture.driver({ found }).begin()).toBe('final');
    expect(commits.mock.lastCall?.[0].signals).toEqual(['signal-1', 'signal-2']);
  });

  it('records a result that arrived before the signal that ends the run', async () => {
    const driving = fixture.driver({
      plan: aPlan([anHttpTask('call'), anHttpTask('next', ['call'])]),
    });
    await driving.begin();
    await fixture.store.signal(fixture.origin.id, cancel);
    fixture.tasks.succeed('call', { statusCode: 200 });

    expect(await driving.finish()).toBe('final');
    const { status, state } = await fixture.onRecord();
    expect(status).toBe('cancelled');
    expect(state?.tasks['call']).toMatchObject({ status: 'succeeded' });
  });

  it('takes a long inbox in steps of a bounded number of signals, in order', async () => {
    const sent = Array.from({ length: 2 * STEP_SIGNALS_MAX + 50 }, (_, at) => anEvent(at));
    for (const signal of sent) await fixture.store.signal(fixture.origin.id, signal);
    const found = await fixture.onRecord();
    const commits = jest.spyOn(fixture.store, 'commit');

    const driving = fixture.driver({ plan: WAITING, found });
    expect(await driving.begin()).toBe('calling');
    expect(await driving.finish()).toBe('waiting');
    const taken = commits.mock.calls.map(([{ signals = [] }]) => signals);
    expect(taken.map(({ length }) => length)).toEqual([STEP_SIGNALS_MAX, STEP_SIGNALS_MAX, 50]);
    expect(taken.flat()).toEqual(sent.map(({ id }) => id));
    expect(await fixture.onRecord()).toMatchObject({ inbox: [], status: 'waiting' });
    expect((await fixture.onRecord()).leaseOwner).toBeUndefined();
  });

  it('leaves a lease on record while signals are left, so that another one takes them when it dies', async () => {
    const sent = Array.from({ length: STEP_SIGNALS_MAX + 1 }, (_, at) => anEvent(at));
    for (const signal of sent) await fixture.store.signal(fixture.origin.id, signal);
    await fixture.driver({ plan: WAITING }).begin();
    fixture.now += LEASE_MS + 1;
    const found = await fixture.claimDue('driver-2');

    expect(found.inbox).toHaveLength(1);
    const next = fixture.driver({ plan: WAITING, found }, 'driver-2');
    expect(await next.begin()).toBe('waiting');
    expect((await fixture.onRecord()).inbox).toEqual([]);
  });

  it('leaves no signal in the inbox of a run that one of the first has ended', async () => {
    const others = Array.from({ length: STEP_SIGNALS_MAX + 50 }, (_, at) => anEvent(at));
    for (const signal of [cancel, ...others]) await fixture.store.signal(fixture.origin.id, signal);

    expect(await fixture.driver({ plan: WAITING }).begin()).toBe('final');
    expect(await fixture.onRecord()).toMatchObject({ inbox: [], status: 'cancelled' });
  });

  it('begins no run that is cancelled by the last signal of a long inbox', async () => {
    const others = Array.from({ length: STEP_SIGNALS_MAX + 50 }, (_, at) => anEvent(at));
    for (const signal of [...others, cancel]) await fixture.store.signal(fixture.origin.id, signal);

    expect(await fixture.driver().begin()).toBe('final');
    expect(fixture.tasks.calls).toHaveLength(0);
    expect(await fixture.onRecord()).toMatchObject({ inbox: [], status: 'cancelled' });
  });

  it('sees a signal that came before it began', async () => {
    await fixture.store.signal(fixture.origin.id, cancel);

    expect(await fixture.driver().begin()).toBe('final');
    expect((await fixture.onRecord()).status).toBe('cancelled');
    expect(fixture.tasks.calls).toHaveLength(0);
  });
});

describe(`${ActivityDriver.name} and what others did to its activity`, () => {
  it('does not count its own failure for a call that another driver has repeated', async () => {
    const plan = aPlan([anHttpTask('call', ['start'], { retry })]);
    const first = fixture.driver({ plan }, 'driver-1');
    await first.begin();
    fixture.now += LEASE_MS + 1;
    const [found] = await fixture.store.claimDue({
      now: fixture.now,
      limit: 1,
      leaseMs: LEASE_MS,
      owner: 'driver-2',
    });
    if (!found) throw new Error('it is due');
    await fixture.driver({ plan, found }, 'driver-2').begin();
    await fixture.store.release({
      ids: [fixture.origin.id],
      owner: 'driver-2',
      wakeAt: fixture.now,
    });
    // All that the first one knows: the second may have succeeded.
    fixture.tasks.fail('call', 0);
    void first.finish();
    await until(async () => fixture.tasks.calls.length === 3);

    const keys = fixture.tasks.calls.map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys)).toEqual(new Set([`${fixture.origin.id}:call:1`]));
    expect((await fixture.onRecord()).state?.tasks['call']).toMatchObject({
      attempt: 1,
      repeats: 2,
    });
    first.stop();
  });

  it('recognizes its own end when the answer to that commit was lost', async () => {
    const commit = fixture.store.commit.bind(fixture.store);
    const driving = fixture.driver();
    await driving.begin();
    jest.spyOn(fixture.store, 'commit').mockImplementationOnce(async (what) => {
      await commit(what);
      throw new StoreUnavailableError('commit activities');
    });
    fixture.tasks.succeed('call');

    expect(await driving.finish()).toBe('final');
    expect(driving.known.state?.status).toBe('succeeded');
  });
});
