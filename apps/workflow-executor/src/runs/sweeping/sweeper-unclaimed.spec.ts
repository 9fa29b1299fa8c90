import { until } from '@app/errors/testing';
import { jest } from '@jest/globals';
import { StoreOverloadedError } from '@app/persistence';
import { aCommit } from '@app/persistence/testing';
import { LEASE_MS } from '../testing/run-parts.js';
import { SweeperFixture } from '../testing/sweeper-fixture.js';

describe('what is due and nobody has, for an executor that has lived for a lease', () => {
  let fixture: SweeperFixture;
  let store: SweeperFixture['store'];
  let tasks: SweeperFixture['tasks'];
  let runs: SweeperFixture['runs'];
  let sweeper: SweeperFixture['sweeper'];

  beforeEach(async () => {
    fixture = await new SweeperFixture().begin();
    ({ store, tasks, runs, sweeper } = fixture);
    fixture.now += LEASE_MS;
  });

  afterEach(() => fixture.end());

  it('is claimed by the first commit of its run', async () => {
    const id = await fixture.recorded('1');
    sweeper.start();

    await until(() => tasks.calls.length === 1);
    const leased = { lockVersion: 2, leaseOwner: runs.owner, status: 'running' };
    expect(await store.get(id)).toMatchObject(leased);
  });

  it('is left, unread, when another executor has written first', async () => {
    const id = await fixture.recorded('1');
    const commit = store.commit.bind(store);
    const reads = jest.spyOn(store, 'get');
    const outcomes: string[] = [];
    store.commit = async (what) => {
      await commit(aCommit({ id, wakeAt: fixture.now + 5_000 }));
      outcomes.push(await commit(what));
      return 'stale';
    };
    sweeper.start();
    await until(() => outcomes.length > 0 && runs.size === 0);

    expect(outcomes).toEqual(['stale']);
    expect(reads).not.toHaveBeenCalled();
    expect(tasks.calls).toHaveLength(0);
  });

  it('is read again when a signal has come first', async () => {
    const id = await fixture.recorded('1');
    const commit = store.commit.bind(store);
    let stopped: Promise<void> | undefined;
    jest.spyOn(store, 'commit').mockImplementationOnce(async (what) => {
      // A later look would find the signal, too.
      stopped = sweeper.stop();
      await store.signal(id, { kind: 'cancel', id: 'stop', at: fixture.now, reason: 'enough' });
      runs.notify(id);
      return commit(what);
    });
    sweeper.start();

    await until(async () => (await store.get(id))?.status === 'cancelled');
    await stopped;
    expect(tasks.calls).toHaveLength(0);
  });

  it('is claimed when it cannot be continued, and postponed', async () => {
    const id = await fixture.recorded('1');
    const commit = store.commit.bind(store);
    const tried = jest.fn(() => Promise.reject(new StoreOverloadedError('commit')));
    store.commit = tried;
    sweeper.start();
    await until(async () => (await store.get(id))?.lockVersion === 3);

    expect(tried).toHaveBeenCalledTimes(2);
    expect(await store.get(id)).toMatchObject({ status: 'queued', wakeAt: fixture.now + 1_000 });
    store.commit = commit;
    fixture.now += 1_000;
    await until(() => tasks.calls.length === 1);
  });

  it('is claimed by the next executor if it has killed this one', async () => {
    const id = await fixture.recorded('kills');
    let die = (): void => undefined;
    const dying = new Promise<'stale'>((resolve) => {
      die = () => {
        resolve('stale');
      };
    });
    const dies = jest.spyOn(store, 'commit').mockImplementationOnce(() => dying);
    sweeper.start();
    await until(() => dies.mock.calls.length === 1);
    expect(await store.get(id)).not.toHaveProperty('leaseOwner');

    const next = await new SweeperFixture(store).begin();
    next.now = fixture.now - 1;
    dies.mockImplementationOnce(() => dying);
    next.sweeper.start();
    await until(() => dies.mock.calls.length === 2);
    expect(await store.get(id)).toMatchObject({ lockVersion: 2, leaseOwner: next.runs.owner });
    die();
    await next.end();
  });
});
