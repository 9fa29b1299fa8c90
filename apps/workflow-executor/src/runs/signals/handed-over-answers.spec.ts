import { until } from '@app/errors/testing';
import { aNewActivity, anEvent, NOW } from '@app/persistence/testing';
import { answer, OffersFixture, TWO_TASKS } from '../testing/offers-fixture.js';

describe('a run whose worker does not answer in a moment', () => {
  let fixture: OffersFixture;
  let { origin, store, executor, runs, untilLetGo } = new OffersFixture();
  const { id } = origin;

  beforeEach(async () => {
    fixture = new OffersFixture();
    await fixture.open();
    ({ origin, store, executor, runs, untilLetGo } = fixture);
  });

  afterEach(() => fixture.close());

  it('stops driving the run as soon as its task is queued', async () => {
    await runs();
    const { runs: active, starter } = executor();
    await starter.startNew(origin);

    await until(() => Promise.resolve(active.size === 0));

    expect(active.hasHandedOver(id)).toBe(true);
    expect(fixture.now).toBe(NOW);
  });

  it('stops driving the run, without a write', async () => {
    await runs();
    const { runs: active, starter } = executor(1);
    await starter.startNew(origin);
    await untilLetGo(active);

    expect(await store.get(id)).toMatchObject({ leaseOwner: active.owner, outbox: [{}] });
    expect(active.hasHandedOver(id)).toBe(true);
    expect([store.commits, store.lettings]).toEqual([1, []]);
  });

  it.each(['the executor that queued it', 'another one'])(
    'takes it by the second write when it comes to %s',
    async (which) => {
      await runs();
      const first = executor(1);
      await first.starter.startNew(origin);
      await untilLetGo(first.runs);
      const receiver = which === 'another one' ? executor() : first;

      expect(await receiver.offers.take(id, answer())).toBe(true);

      expect(await store.get(id)).toMatchObject({ status: 'succeeded' });
      expect((await store.get(id))?.outbox ?? []).toEqual([]);
      expect([store.commits, store.signals]).toEqual([2, 0]);
    },
  );

  it('takes it without a read where the run is kept, also in a chain', async () => {
    fixture.keptBytesMax = 100_000;
    await runs(TWO_TASKS);
    const { runs: active, starter, offers } = executor();
    await starter.startNew(origin);
    await untilLetGo(active);
    expect(await offers.take(id, answer('first'))).toBe(true);
    await untilLetGo(active);
    expect(await offers.take(id, answer('second'))).toBe(true);

    expect([store.commits, store.signals, store.reads]).toEqual([3, 0, 0]);
    expect(await store.get(id)).toMatchObject({ status: 'succeeded' });
  });

  it('reads the record of a run for which there was no room', async () => {
    fixture.keptBytesMax = 10;
    await runs();
    const { runs: active, starter, offers } = executor();
    await starter.startNew(origin);
    await untilLetGo(active);

    expect(await offers.take(id, answer())).toBe(true);

    expect([store.commits, store.reads]).toEqual([2, 1]);
  });

  it('takes it together with a signal that was written since, which the run in memory lacks', async () => {
    fixture.keptBytesMax = 100_000;
    await runs();
    const { runs: active, starter, offers } = executor();
    await starter.startNew(origin);
    await untilLetGo(active);
    await store.signal(id, { id: 'c', kind: 'cancel', reason: 'a test', at: NOW });

    expect(await offers.take(id, answer())).toBe(true);

    expect(await store.get(id)).toMatchObject({ status: 'cancelled', inbox: [] });
  });

  it('takes it where the run is kept, although another executor has gone on with it', async () => {
    fixture.keptBytesMax = 100_000;
    await runs(TWO_TASKS);
    const first = executor();
    await first.starter.startNew(origin);
    await untilLetGo(first.runs);
    expect(await executor().offers.take(id, answer('first'))).toBe(true);

    expect(await first.offers.take(id, answer('second'))).toBe(true);

    expect(await store.get(id)).toMatchObject({ status: 'succeeded' });
    expect([store.commits, store.signals]).toEqual([3, 0]);
  });

  it('releases the runs in one write when it stops', async () => {
    await runs();
    const { runs: active, starter } = executor(1);
    const more = aNewActivity({ event: anEvent({ id: 'more' }) });
    await store.record(more);
    await starter.startNew(origin);
    await starter.startNew(more);
    await untilLetGo(active);
    await active.stop(0);

    for (const one of [id, more.id]) {
      const found = await store.get(one);
      expect(found).not.toHaveProperty('leaseOwner');
      expect(found?.outbox ?? []).toEqual([]);
      expect(found?.status).toBe('waiting');
    }
    expect([store.commits, store.lettings]).toEqual([2, [2]]);
  });

  it('has a signal without a notification taken when it releases the run', async () => {
    await runs();
    const { runs: active, starter } = executor(1);
    await starter.startNew(origin);
    await untilLetGo(active);
    await store.signal(id, { id: 'c', kind: 'cancel', reason: 'a test', at: NOW });
    await active.stop(0);

    const due = await store.claimDue({ now: fixture.now, limit: 1, leaseMs: 1, owner: 'sweeper' });
    expect(due.map((one) => one.id)).toEqual([id]);
    expect(due[0]).not.toHaveProperty('takeovers');
  });
});
