import { until } from '@app/errors/testing';
import { jest } from '@jest/globals';
import { StoreUnavailableError } from '@app/persistence';
import { NOW } from '@app/persistence/testing';
import { type Signal } from '@app/workflow-engine';
import { anHttpTask, aPlan } from '@app/workflow-engine/testing';
import { ActivityDriver } from './activity-driver.js';
import { DriverBench } from '../testing/driver-bench.js';
import { LEASE_MS } from '../testing/run-parts.js';

const cancel: Signal = { id: 'signal-1', kind: 'cancel', reason: 'enough', at: NOW };
const retry = { attemptsMax: 3, backoff: 'fixed', delayMs: 5_000, delayMsMax: 5_000 } as const;

let bench: DriverBench;

beforeEach(async () => {
  bench = await DriverBench.make();
});

describe(`${ActivityDriver.name} and signals`, () => {
  it('sees a signal that came while it was calling, and aborts the call', async () => {
    const driving = bench.driver();
    await driving.begin();
    await bench.store.signal(bench.origin.id, cancel);
    driving.notify();

    expect(await driving.finish()).toBe('final');
    expect((await bench.onRecord()).status).toBe('cancelled');
    expect(bench.tasks.calls[0]?.abort.aborted).toBe(true);
  });

  it('reads the record after a notification before it writes', async () => {
    const driving = bench.driver();
    await driving.begin();
    await bench.store.signal(bench.origin.id, cancel);
    const commits = jest.spyOn(bench.store, 'commit');
    driving.notify();

    expect(await driving.finish()).toBe('final');
    expect(commits).toHaveBeenCalledTimes(1);
  });

  it('does not read the event again once the run has begun', async () => {
    const reads = jest.spyOn(bench.store, 'get');
    const driving = bench.driver();
    await driving.begin();
    await bench.store.signal(bench.origin.id, {
      id: 'signal-1',
      at: NOW,
      kind: 'event',
      topic: 'other',
      payload: 1,
    });
    driving.notify();
    const ended = driving.finish();
    await until(async () => bench.store.peek(bench.origin.id)?.inbox.length === 0);
    bench.tasks.succeed('call');

    expect(await ended).toBe('final');
    expect(reads).not.toHaveBeenCalled();
  });

  it('sees a signal that came while a commit waited for its answer', async () => {
    const commit = bench.store.commit.bind(bench.store);
    const driving = bench.driver();
    jest.spyOn(bench.store, 'commit').mockImplementationOnce(async (what) => {
      const outcome = await commit(what);
      await bench.store.signal(bench.origin.id, cancel);
      driving.notify();
      return outcome;
    });
    await driving.begin();
    void driving.finish();

    await until(async () => (await bench.onRecord()).status === 'cancelled');
  });

  it('keeps a signal that it has read when the commit after that fails', async () => {
    const driving = bench.driver();
    await driving.begin();
    await bench.store.signal(bench.origin.id, cancel);
    const commits = jest
      .spyOn(bench.store, 'commit')
      .mockRejectedValueOnce(new StoreUnavailableError('commit activities'));
    driving.notify();

    expect(await driving.finish()).toBe('final');
    expect(commits).toHaveBeenCalledTimes(2);
    expect(await bench.onRecord()).toMatchObject({ status: 'cancelled', inbox: [] });
  });

  it('takes a signal once that was there before it began, though others write first', async () => {
    await bench.store.signal(bench.origin.id, cancel);
    const found = await bench.onRecord();
    await bench.store.signal(bench.origin.id, { ...cancel, id: 'signal-2' });
    const commits = jest.spyOn(bench.store, 'commit');

    expect(await bench.driver({ found }).begin()).toBe('final');
    expect(commits.mock.lastCall?.[0].signals).toEqual(['signal-1', 'signal-2']);
  });

  it('records a result that arrived before the signal that ends the run', async () => {
    const driving = bench.driver({
      plan: aPlan([anHttpTask('call'), anHttpTask('next', ['call'])]),
    });
    await driving.begin();
    await bench.store.signal(bench.origin.id, cancel);
    bench.tasks.succeed('call', { statusCode: 200 });

    expect(await driving.finish()).toBe('final');
    const { status, state } = await bench.onRecord();
    expect(status).toBe('cancelled');
    expect(state?.tasks['call']).toMatchObject({ status: 'succeeded' });
  });

  it('sees a signal that came before it began', async () => {
    await bench.store.signal(bench.origin.id, cancel);

    expect(await bench.driver().begin()).toBe('final');
    expect((await bench.onRecord()).status).toBe('cancelled');
    expect(bench.tasks.calls).toHaveLength(0);
  });
});

describe(`${ActivityDriver.name} and what others did to its activity`, () => {
  it('does not count its own failure for a call that another driver has repeated', async () => {
    const plan = aPlan([anHttpTask('call', ['start'], { retry })]);
    const first = bench.driver({ plan }, 'driver-1');
    await first.begin();
    bench.now += LEASE_MS + 1;
    const [found] = await bench.store.claimDue({
      now: bench.now,
      limit: 1,
      leaseMs: LEASE_MS,
      owner: 'driver-2',
    });
    if (!found) throw new Error('it is due');
    await bench.driver({ plan, found }, 'driver-2').begin();
    await bench.store.release({ ids: [bench.origin.id], owner: 'driver-2', wakeAt: bench.now });
    // All that the first one knows: the second may have succeeded.
    bench.tasks.fail('call', 0);
    void first.finish();
    await until(async () => bench.tasks.calls.length === 3);

    const keys = bench.tasks.calls.map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys)).toEqual(new Set([`${bench.origin.id}:call:1`]));
    expect((await bench.onRecord()).state?.tasks['call']).toMatchObject({ attempt: 1, repeats: 2 });
    first.stop();
  });

  it('recognizes its own end when the answer to that commit was lost', async () => {
    const commit = bench.store.commit.bind(bench.store);
    const driving = bench.driver();
    await driving.begin();
    jest.spyOn(bench.store, 'commit').mockImplementationOnce(async (what) => {
      await commit(what);
      throw new StoreUnavailableError('commit activities');
    });
    bench.tasks.succeed('call');

    expect(await driving.finish()).toBe('final');
    expect(driving.known.state?.status).toBe('succeeded');
  });
});
