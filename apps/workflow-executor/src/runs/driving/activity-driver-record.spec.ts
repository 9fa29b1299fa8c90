import {
  anEvent,
  aNewActivity,
  jsonData,
  MemoryActivityStore,
  NOW,
} from '@app/persistence/testing';
import { DriverBench, PURE } from '../testing/driver-bench.js';

describe('what ActivityDriver has on record', () => {
  let bench: DriverBench;

  beforeEach(async () => {
    bench = await DriverBench.make();
  });

  it('keeps a result while MongoDB is gone and records it when it is back', async () => {
    const driving = bench.driver();
    await driving.begin();
    bench.store.outage.begin();
    bench.tasks.succeed('call');
    const finished = driving.finish();
    await new Promise((resolve) => setTimeout(resolve, 10));
    bench.store.outage.end();

    expect(await finished).toBe('final');
    expect(bench.tasks.calls).toHaveLength(1);
  });

  it('makes no call while the claim cannot be recorded', async () => {
    bench.store.outage.begin();

    await expect(bench.driver().begin()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(bench.tasks.calls).toHaveLength(0);
  });

  it('creates the record when the message was the only copy', async () => {
    bench.store = new MemoryActivityStore();

    expect(await bench.driver({ plan: PURE }).begin()).toBe('final');
    expect(await bench.onRecord()).toMatchObject({
      status: 'succeeded',
      event: bench.origin.event,
    });
  });

  it('does not change the record of another event with the same id', async () => {
    const other = aNewActivity({ event: anEvent({ data: jsonData('other') }) });
    bench.store = new MemoryActivityStore();
    const get = bench.store.get.bind(bench.store);
    bench.store.get = async () => {
      bench.store.get = get;
      await bench.store.record(other);
      return undefined;
    };

    expect(await bench.driver().begin()).toBe('left');
    expect(await bench.onRecord()).toMatchObject({
      status: 'queued',
      lockVersion: 1,
      event: other.event,
    });
    expect(bench.tasks.calls).toHaveLength(0);
  });

  it('leaves when an event that was accepted first took the place of its own', async () => {
    const later = { ...bench.origin, createdAt: NOW + 1 };
    const earlier = { ...bench.origin, event: anEvent({ data: jsonData('earlier') }) };
    bench.store = new MemoryActivityStore();
    await bench.store.record(later);
    const displaced = bench.driver({ origin: later });
    await bench.store.recordEarlier(earlier);

    expect(await displaced.begin()).toBe('left');
    expect(await bench.onRecord()).toMatchObject({ status: 'queued', event: earlier.event });
    expect(bench.tasks.calls).toHaveLength(0);
  });

  it('ends an activity whose results no longer fit on record', async () => {
    const driving = bench.driver();
    await driving.begin();
    bench.tasks.succeed('call', { body: '€'.repeat(3_500_000) });

    expect(await driving.finish()).toBe('final');
    const { status, state } = await bench.onRecord();
    expect(status).toBe('failed');
    expect(state?.failure?.code).toBe('ACTIVITY_TOO_LARGE');
  });
});
