import { until } from '@app/errors/testing';
import { jest } from '@jest/globals';
import { StoreOverloadedError, StoreUnavailableError } from '@app/persistence';
import {
  anEvent,
  aNewActivity,
  dueWorkContract,
  type DueWorkScene,
  MemoryActivityStore,
  NOW,
} from '@app/persistence/testing';
import { Sweeper } from './sweeper.js';
import { LEASE_MS } from '../testing/run-parts.js';
import { PERMITS, SweeperFixture } from '../testing/sweeper-fixture.js';

dueWorkContract('activities', async (executors, things): Promise<DueWorkScene> => {
  const store = new MemoryActivityStore();
  const times = new Map<string, number>();
  const benches = Array.from({ length: executors }, () => new SweeperFixture(store));
  for (const { tasks } of benches) {
    tasks.run = async ({ idempotencyKey: key }) => {
      times.set(key, (times.get(key) ?? 0) + 1);
      return { kind: 'succeeded', results: {} };
    };
  }
  for (const fixture of benches) await fixture.begin();
  for (let n = 0; n < things; n += 1) await benches[0]?.recorded(`due ${n}`);
  const pollers = benches.map((fixture) => ({
    start: () => {
      fixture.sweeper.start();
    },
    stop: () => fixture.end(),
  }));
  return { pollers, timesDone: async () => times };
});

describe(Sweeper.name, () => {
  let fixture: SweeperFixture;
  let store: SweeperFixture['store'];
  let tasks: SweeperFixture['tasks'];
  let log: SweeperFixture['log'];
  let semaphore: SweeperFixture['semaphore'];
  let runs: SweeperFixture['runs'];
  let starter: SweeperFixture['starter'];
  let sweeper: SweeperFixture['sweeper'];

  beforeEach(async () => {
    fixture = await new SweeperFixture().begin();
    ({ store, tasks, log, semaphore, runs, starter, sweeper } = fixture);
  });

  afterEach(() => fixture.end());

  function recorded(eventId: string, wakeAt?: number): Promise<string> {
    return fixture.recorded(eventId, wakeAt);
  }

  it('runs what nobody told of', async () => {
    const id = await recorded('1');
    sweeper.start();

    await until(() => tasks.calls.length === 1);
    tasks.succeed('call');
    await until(async () => (await store.get(id))?.status === 'succeeded');
  });

  it('does not run what is not due', async () => {
    await recorded('later', NOW + 1);
    await recorded('now');
    sweeper.start();

    await until(() => tasks.calls.length === 1);
    fixture.now += 1;
    await until(() => tasks.calls.length === 2);
  });

  it('runs what nobody was told of long before it is due, once no message tells of anything', async () => {
    const claims = jest.spyOn(store, 'claimDue');
    const looks = (): Promise<void> => {
      claims.mockClear();
      return until(() => claims.mock.calls.length > 2);
    };
    fixture.now += 999;
    const told = aNewActivity({ event: anEvent({ id: 'told' }) });
    await store.record(told);
    await starter.startNew(told);
    for (const dueInMs of [29_000, 30_000])
      await recorded(`due in ${dueInMs} ms`, fixture.now + dueInMs);
    fixture.now += 999;
    sweeper.start();
    await looks();
    expect(tasks.calls).toHaveLength(1);
    fixture.now += 1;
    await looks();
    expect(tasks.calls).toHaveLength(2);
  });

  it('runs what nobody was told of soon after an outage, whatever messages tell of meanwhile', async () => {
    await recorded('without an answer', fixture.now + 30_000);
    store.outage.begin();
    sweeper.start();
    await until(() => log.lines.length > 0);
    fixture.now += 1_000;
    const claims = jest.spyOn(store, 'claimDue');
    store.outage.end();
    const told = aNewActivity({ event: anEvent({ id: 'told' }) });
    await store.record(told);
    await starter.startNew(told);
    await until(() => claims.mock.calls.length > 3);
    expect(tasks.calls).toHaveLength(1);
    fixture.now += 999;
    await starter.startNew(told);
    fixture.now += 1;
    await starter.startNew(told);

    await until(() => tasks.calls.length === 2);
    expect(fixture.now - NOW).toBe(2_000);
  });

  it.each(['the answer was lost', 'it could not be begun'])(
    'goes on, when MongoDB is back, with what it claimed although %s',
    async (why) => {
      const id = await recorded('1');
      const claimDue = store.claimDue.bind(store);
      store.claimDue = async (claim) => {
        const due = await claimDue(claim);
        store.claimDue = claimDue;
        store.outage.begin();
        if (why === 'the answer was lost') throw new StoreUnavailableError('claim');
        return due;
      };
      sweeper.start();
      await until(() => log.lines.some(({ level }) => level === 'warn'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      store.outage.end();

      await until(() => tasks.calls.length === 1);
      expect(await store.get(id)).not.toHaveProperty('takeovers');
    },
  );

  it('continues what it claimed although the query for it got no answer either', async () => {
    const id = await recorded('1');
    const claimDue = store.claimDue.bind(store);
    const lost = new Set<string | undefined>();
    store.claimDue = async (claim) => {
      const due = await claimDue(claim);
      const which = claim.early?.kind;
      if (which === 'untouched' || lost.has(which)) return due;
      lost.add(which);
      throw new StoreUnavailableError('claim');
    };
    sweeper.start();

    await until(() => tasks.calls.length === 1);
    expect([...lost]).toEqual([undefined, 'own-leases']);
    expect(await store.get(id)).not.toHaveProperty('takeovers');
  });

  it('goes on with all that it claimed without an answer, however many, and whatever else is due', async () => {
    const count = 2 * PERMITS + 1;
    for (let n = 0; n < count; n += 1) await recorded(`${n}`);
    const mine = { owner: runs.owner, leaseMs: LEASE_MS };
    await store.claimDue({ now: fixture.now, limit: count, ...mine });
    const ended = aNewActivity({ event: anEvent({ id: 'ended' }) });
    const due = { ...ended, status: 'succeeded', lockVersion: 2, inbox: [] } as const;
    const claimDue = store.claimDue.bind(store);
    store.claimDue = async (claim) => {
      await new Promise((resolve) => setImmediate(resolve));
      return claim.early ? claimDue(claim) : Array.from({ length: claim.limit }, () => due);
    };
    runs.mayOwnMore = true;
    sweeper.start();

    await until(() => tasks.calls.length === count);
    expect(runs.mayOwnMore).toBe(false);
  });

  it('claims nothing while no permit is free', async () => {
    for (let taken = 0; taken < PERMITS; taken += 1) await semaphore.acquire();
    await recorded('1');
    sweeper.start();
    await new Promise((resolve) => setTimeout(resolve, 20));

    const { activities } = await store.list({ limit: 100, status: 'queued' });
    expect({ calls: tasks.calls.length, queued: activities.length }).toEqual({
      calls: 0,
      queued: 1,
    });
    semaphore.release();
    await until(() => tasks.calls.length === 1);
  });

  it('logs once for many that cannot be continued now', async () => {
    for (const name of ['1', '2', '3']) await recorded(name);
    let refused = 0;
    jest.spyOn(starter, 'resume').mockImplementation(() => {
      refused += 1;
      return Promise.reject(new StoreUnavailableError('commit'));
    });
    sweeper.start();

    await until(() => refused >= 3);
    await sweeper.stop();

    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('waits while MongoDB is gone, says so once, and goes on', async () => {
    store.outage.begin();
    sweeper.start();
    await until(() => log.lines.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log.lines).toHaveLength(1);

    store.outage.end();
    await recorded('1');
    await until(() => tasks.calls.length === 1);
  });

  it('requests less after a failed query, until one succeeds, and then more', async () => {
    for (let id = 0; id < PERMITS; id++) await recorded(String(id));
    const claimDue = store.claimDue.bind(store);
    const asked = jest.spyOn(store, 'claimDue').mockImplementation(async (claim) => {
      if (claim.limit > 1) throw new StoreUnavailableError('find due activities');
      return claimDue(claim);
    });
    sweeper.start();

    await until(() => tasks.calls.length === PERMITS);
    const limits = asked.mock.calls.map(([{ limit }]) => limit);
    expect(limits.indexOf(1)).toBeGreaterThan(0);
    expect(limits.slice(limits.indexOf(1))).toContain(2);
  });

  it('counts no takeover for a transient failure', async () => {
    const id = await recorded('1');
    const commit = store.commit.bind(store);
    store.commit = () => Promise.reject(new StoreOverloadedError('commit'));
    sweeper.start();
    await until(async () => (await store.get(id))?.lockVersion === 3);
    store.commit = commit;

    const found = await store.get(id);
    expect(found).toMatchObject({ status: 'queued', wakeAt: fixture.now + 1_000 });
    expect(found).not.toHaveProperty('leaseOwner');
    fixture.now += 1_000;
    await until(() => tasks.calls.length === 1);
    expect(await store.get(id)).not.toHaveProperty('takeovers');
  });

  it('goes on with others when one can neither begin nor be given up', async () => {
    const one = await new SweeperFixture(store, PERMITS, 'share').begin();
    const [first, second] = [await one.recorded('1'), await one.recorded('2')];
    const began: string[] = [];
    jest.spyOn(one.starter, 'resume').mockImplementation(async ({ id }) => {
      began.push(id);
      throw new StoreUnavailableError('commit');
    });
    jest.spyOn(one.runs, 'giveUpLeases').mockRejectedValueOnce(new Error('a defect'));
    one.sweeper.start();

    await until(() => began.length === 2);
    await one.end();
    expect(began).toEqual([first, second]);
    const fields = { err: new Error('a defect'), activityId: first };
    expect(one.log.lines).toContainEqual(expect.objectContaining({ level: 'warn', fields }));
  });

  it('leaves to others at once what it claimed just before the executor stopped', async () => {
    const id = await recorded('1');
    const claimDue = store.claimDue.bind(store);
    store.claimDue = async (claim) => {
      const due = await claimDue(claim);
      await runs.stop(0);
      return due;
    };
    sweeper.start();
    await until(async () => (await store.get(id))?.lockVersion === 3);

    const left = await store.get(id);
    expect(left).toMatchObject({ status: 'queued', wakeAt: fixture.now });
    expect(left).not.toHaveProperty('leaseOwner');
  });

  it('ends an activity whose revision is no longer there', async () => {
    const activity = aNewActivity({ wakeAt: NOW, workflowRevision: 99 });
    await store.record(activity);
    sweeper.start();

    await until(async () => (await store.get(activity.id))?.status === 'failed');
    const failure = { level: 'workflow', code: 'REVISION_NOT_FOUND' };
    expect((await store.get(activity.id))?.state?.failure).toMatchObject(failure);
  });
});
