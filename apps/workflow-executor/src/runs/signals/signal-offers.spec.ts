import { until } from '@app/errors/testing';
import { NOW } from '@app/persistence/testing';
import { aDefinition, aTask } from '@app/workflow-engine/testing';
import { answer, OffersFixture, TWO_TASKS } from '../testing/offers-fixture.js';
import { SignalOffers } from './signal-offers.js';

describe(SignalOffers.name, () => {
  let fixture: OffersFixture;
  let { origin, store, queue, executor, runs, untilLetGo, stateOf } = new OffersFixture();
  const { id } = origin;

  beforeEach(async () => {
    fixture = new OffersFixture();
    await fixture.open();
    ({ origin, store, queue, executor, runs, untilLetGo, stateOf } = fixture);
  });

  afterEach(() => fixture.close());

  it.each(['the executor that queued it', 'another one'])(
    'costs a task of a worker two writes when %s gets the answer',
    async (which) => {
      await runs();
      const first = executor();
      await first.starter.startNew(origin);
      await until(() => Promise.resolve(queue.delivered === 1));
      const receiver = which === 'another one' ? executor() : first;

      expect(await receiver.offers.take(id, answer())).toBe(true);

      expect(await store.get(id)).toMatchObject({
        status: 'succeeded',
        inbox: [],
        state: { tasks: { first: { results: { by: 'first' } } } },
      });
      expect((await store.get(id))?.outbox ?? []).toEqual([]);
      expect([store.commits, store.signals]).toEqual([2, 0]);
    },
  );

  it('is due in time when its timeout comes before the end of the lease', async () => {
    const task = aTask('first', 'generic', ['start'], { queue: 'q' });
    await runs(aDefinition([{ ...task, timeoutMs: 5_000 }]));
    const first = executor(1);
    await first.starter.startNew(origin);

    await untilLetGo(first.runs);

    const { wakeAt, leaseOwner } = (await store.get(id)) ?? {};
    expect({ wakeAt, leaseOwner }).toEqual({ wakeAt: NOW + 5_000, leaseOwner: undefined });
  });

  it('costs a chain of tasks one write each, and one', async () => {
    await runs(TWO_TASKS);
    const [first, second] = [executor(), executor()];
    await first.starter.startNew(origin);
    expect(await second.offers.take(id, answer('first'))).toBe(true);
    await until(() => Promise.resolve(queue.delivered === 2));

    expect(await first.offers.take(id, answer('second'))).toBe(true);

    expect((await stateOf())?.status).toBe('succeeded');
    expect([store.commits, store.signals]).toEqual([3, 0]);
  });

  it('takes the answer although it is not known yet that the task is queued', async () => {
    await runs();
    const first = executor();
    let open = (): void => undefined;
    queue.gate = new Promise<void>((resolve) => (open = resolve));
    await first.starter.startNew(origin);

    expect(await executor().offers.take(id, answer())).toBe(true);
    open();

    await until(() => Promise.resolve(queue.delivered === 1));
    expect((await stateOf())?.status).toBe('succeeded');
    expect((await store.get(id))?.outbox ?? []).toEqual([]);
  });

  it('takes it all the same when somebody wrote first', async () => {
    await runs();
    await executor().starter.startNew(origin);
    const second = executor();
    const vote = { id: 'v', at: NOW, kind: 'vote', task: 'x', by: 'ada', verdict: 'approved' };
    store.beforeCommit = () => store.signal(id, vote as never);

    expect(await second.offers.take(id, answer())).toBe(true);
    expect((await stateOf())?.status).toBe('succeeded');
  });

  it('leaves it when the run has not begun, or there is none', async () => {
    await runs();
    const { offers } = executor();

    expect(await offers.take(id, answer())).toBe(false);
    expect(await offers.take('no-such', answer())).toBe(false);
    expect(store.commits).toBe(0);
  });

  it('leaves it to the driver of another executor that has more to do', async () => {
    await runs(
      aDefinition([
        aTask('first', 'generic', ['start'], { queue: 'q' }),
        aTask('call', 'http', ['start'], { url: 'https://example.org' }),
      ]),
    );
    await executor().starter.startNew(origin);

    expect(await executor().offers.take(id, answer())).toBe(false);
    expect((await stateOf())?.tasks['first']?.status).toBe('waiting');
  });

  it.each([
    ['another queue', { queue: 'others.default' }],
    ['another attempt', { attempt: 2 }],
  ])('takes no lease of another by an answer of %s', async (_which, wrong) => {
    await runs();
    await executor().starter.startNew(origin);
    await until(() => Promise.resolve(queue.delivered === 1));

    expect(await executor().offers.take(id, answer('first', wrong))).toBe(false);
    expect(store.commits).toBe(1);
  });

  it('is taken already when the run is over', async () => {
    await runs();
    const first = executor();
    await first.starter.startNew(origin);
    await first.offers.take(id, answer());

    expect(await executor().offers.take(id, answer())).toBe(true);
    expect(store.commits).toBe(2);
  });

  it('gives each of several answers at one moment to the run, whoever brings it up', async () => {
    const names = Array.from({ length: 8 }, (_, at) => `t${at}`);
    await runs(aDefinition(names.map((name) => aTask(name, 'generic', ['start'], { queue: 'q' }))));
    const first = executor(1);
    await first.starter.startNew(origin);
    await untilLetGo(first.runs);

    const { offers } = executor();
    const taken = await Promise.all(names.map((name) => offers.take(id, answer(name))));

    expect(taken).toEqual(names.map(() => true));
    expect((await stateOf())?.status).toBe('succeeded');
    expect(store.signals).toBe(0);
  });

  it('reports that MongoDB is unavailable, so that the answer is delivered again', async () => {
    await runs();
    await executor().starter.startNew(origin);
    const second = executor();
    store.outage.begin();

    await expect(second.offers.take(id, answer())).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
