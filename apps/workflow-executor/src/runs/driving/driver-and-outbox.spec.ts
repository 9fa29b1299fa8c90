import { until } from '@app/errors/testing';
import { aDefinition, aTask } from '@app/workflow-engine/testing';
import { jest } from '@jest/globals';
import { answer, ONE_TASK, OffersFixture, type OffersExecutor } from '../testing/offers-fixture.js';
import { ActivityDriver } from './activity-driver.js';

const SIDE_BY_SIDE = aDefinition([
  aTask('first', 'generic', ['start'], { queue: 'q' }),
  aTask('second', 'generic', ['start'], { queue: 'q' }),
]);

/** Whose executor does not hear of the commit before all of it has happened. */
describe(`${ActivityDriver.name} and what happens between a commit and its answer`, () => {
  let fixture: OffersFixture;
  let executor: OffersExecutor;
  let deliverNow: () => void;

  beforeEach(async () => {
    fixture = new OffersFixture();
    await fixture.open();
    executor = fixture.executor(0);
    fixture.queue.gate = new Promise<void>((resolve) => (deliverNow = resolve));
  });

  afterEach(() => fixture.close());

  /** Once, after the next commit took place. */
  function afterCommit(happen: () => Promise<void>): void {
    const commit = fixture.store.commit.bind(fixture.store);
    jest.spyOn(fixture.store, 'commit').mockImplementationOnce(async (what) => {
      const outcome = await commit(what);
      await happen();
      return outcome;
    });
  }

  async function signal(task: string): Promise<void> {
    await fixture.store.signal(fixture.origin.id, answer(task));
    executor.runs.notify(fixture.origin.id);
  }

  async function isDelivered(): Promise<void> {
    deliverNow();
    await until(() => Promise.resolve(fixture.queue.delivered === 2));
    // The driver hears of it.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** When nobody works on it any more. */
  async function left(): ReturnType<OffersFixture['store']['get']> {
    await until(() => Promise.resolve(executor.runs.size === 0));
    return fixture.store.get(fixture.origin.id);
  }

  async function begin(definition = SIDE_BY_SIDE): Promise<void> {
    await fixture.runs(definition);
    await executor.starter.startNew(fixture.origin);
  }

  it('keeps no lease when the last delivery ended then', async () => {
    await begin();
    afterCommit(isDelivered);
    await signal('first');

    const found = await left();
    expect(found).toMatchObject({ status: 'waiting' });
    expect(found).not.toHaveProperty('leaseOwner');
    expect(found?.outbox ?? []).toEqual([]);
  });

  it('takes a signal that came then, with the end of the last delivery', async () => {
    await begin();
    afterCommit(async () => {
      await signal('second');
      await isDelivered();
    });
    await signal('first');

    expect(await left()).toMatchObject({ status: 'succeeded' });
  });

  it('takes a signal that came when the commit had given up the lease', async () => {
    await begin(ONE_TASK);
    afterCommit(() => signal('first'));
    deliverNow();

    expect(await left()).toMatchObject({ status: 'succeeded' });
  });

  it('gives up the lease with which an ended run was claimed for its outbox then', async () => {
    const { store, queue, origin } = fixture;
    const { runs } = executor;
    await begin(ONE_TASK);
    await until(() => Promise.resolve(queue.begun === 1));
    queue.available = false;
    await store.signal(origin.id, { kind: 'cancel', id: 'c', reason: 'no', at: fixture.now });
    runs.notify(origin.id);
    await until(async () => (await fixture.stateOf())?.status === 'cancelled');
    afterCommit(async () => {
      const now = fixture.now + 86_400_000;
      const features = ['delivery:worker-cancel'];
      await store.claimDue({ now, limit: 1, leaseMs: 1_000, owner: runs.owner, features });
      runs.notify(origin.id);
    });
    deliverNow();

    const found = await left();
    expect(found).toMatchObject({ status: 'cancelled', outbox: [{ kind: 'worker-cancel' }] });
    expect(found).not.toHaveProperty('leaseOwner');
  });
});
