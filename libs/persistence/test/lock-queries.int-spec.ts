import { idOfAsker, type LockRequest } from '../src/locks/lock-store.js';
import { NOW } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';
import { expectFrugal, FEW, profiled, type Profiled } from './profiler.js';

const MINUTE_MS = 60_000;
const LIMIT = 20;

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
afterAll(() => stores.drop());

function profile(work: () => Promise<unknown>): Promise<readonly Profiled[]> {
  return profiled(stores.db, work, 'slots');
}

/** As `ask` has them, all in one write. */
async function putAll(requests: readonly LockRequest[]): Promise<void> {
  const documents = requests.map((request) => ({
    ...request,
    ...{ _id: idOfAsker(request), askedAt: new Date(request.askedAt) },
    lookAt: new Date(NOW + MINUTE_MS),
  }));
  await stores.db.collection<(typeof documents)[number]>('slots').insertMany(documents);
}

describe('slots', () => {
  it('are asked for, given and given back by their indexes', async () => {
    const asker = (at: number) =>
      ({
        ...{ lock: `slot-${at % 20}`, activity: `run-${at}`, task: '', attempt: 1 },
        ...{ askedAt: NOW + at, limit: 3 },
      }) as const;
    for (let at = 0; at < 400; at += 1) await stores.slots.ask(asker(at), NOW + MINUTE_MS);

    const commands = await profile(async () => {
      for (let given = 0; given < 4; given += 1) {
        const holder = await stores.slots.grant('slot-1', NOW, NOW);
        if (holder) await stores.slots.markSignalled(holder, NOW, NOW);
      }
      await stores.slots.due(NOW, LIMIT);
      await stores.slots.newest('slot-1', { skip: 3, limit: LIMIT, waiting: false });
      await stores.slots.newest('slot-1', { skip: 1, limit: LIMIT, waiting: true });
      await stores.slots.reject(asker(381), { code: 'WHY', reason: 'because' }, NOW);
      await stores.slots.keepBack(asker(21), MINUTE_MS, NOW);
      await stores.slots.withdraw(asker(1));
      await stores.slots.grant('slot-1', NOW, NOW);
    });

    expectFrugal(commands);
  });

  it('are given on by who waits and which are taken, however many have one and have waited for long', async () => {
    const limit = 50;
    const asker = (at: number) =>
      ({
        ...{ lock: 'wide', activity: `run-${at}`, task: '', attempt: 1 },
        ...{ askedAt: NOW + at, limit },
      }) as const;
    const give = async (): Promise<string | undefined> => {
      const holder = await stores.slots.grant('wide', NOW, NOW);
      if (holder) await stores.slots.markSignalled(holder, NOW, NOW);
      return holder?.activity;
    };
    for (let at = 0; at < 2 * limit; at += 1) await stores.slots.ask(asker(at), NOW + MINUTE_MS);
    for (let at = 0; at < limit; at += 1) expect(await give()).toBe(`run-${at}`);

    const commands = await profile(async () => {
      await stores.slots.withdraw(asker(7));
      expect(await give()).toBe(`run-${limit}`);
    });

    expectFrugal(commands);
    const documents = commands.map(({ docsExamined = 0 }) => docsExamined);
    expect(Math.max(...documents)).toBeLessThanOrEqual(FEW);
  });

  it('are looked at by one query for all that wait for one, of those alone, and once', async () => {
    const waiting = 2_000;
    const askers = Array.from({ length: 2 * waiting }, (_, at) => ({
      ...{ lock: at % 2 === 0 ? 'long' : 'other', activity: `run-${at}`, task: '', attempt: 1 },
      ...{ askedAt: NOW + at, limit: 1 },
    }));
    await putAll(askers);
    const now = NOW + MINUTE_MS;
    const pause = { msMin: MINUTE_MS, msMax: MINUTE_MS };

    const commands = await profile(() => stores.slots.lookAgainAtQueue('long', now, pause));

    expect(commands).toHaveLength(1);
    const [{ docsExamined = Infinity, keysExamined = Infinity, planSummary } = {}] = commands;
    expect(planSummary).not.toContain('COLLSCAN');
    expect(docsExamined).toBeLessThanOrEqual(waiting + FEW);
    expect(keysExamined).toBeLessThanOrEqual(waiting + FEW);
    const due = await stores.slots.due(now, 2 * waiting);
    expect(due.filter(({ lock }) => lock === 'long')).toEqual([]);
  });

  it('are counted of those who wait by the index alone, no further than asked for', async () => {
    const asker = (at: number) => ({
      ...{ lock: 'counted', activity: `run-${1_000 + at}`, task: '', attempt: 1 },
      ...{ askedAt: NOW + Math.floor(at / 3), limit: 1 },
    });
    await putAll(Array.from({ length: 300 }, (_, at) => asker(at)));
    const max = 50;

    const commands = await profile(async () => {
      expect(await stores.slots.countWaitingBefore(asker(299), max)).toBe(max);
      expect(await stores.slots.countWaitingBefore(asker(7), max)).toBe(7);
    });

    for (const { planSummary, docsExamined = 0, keysExamined = 0 } of commands) {
      expect(planSummary).not.toContain('COLLSCAN');
      expect(docsExamined).toBe(0);
      expect(keysExamined).toBeLessThanOrEqual(max + FEW);
    }
  });
});

describe('locks', () => {
  it('are asked for, given, looked at and given back by their indexes', async () => {
    const asker = (at: number, lock: string) =>
      ({ lock, activity: `run-${at}`, task: 'lock', attempt: 1, askedAt: NOW + at }) as const;
    const waiting = Array.from({ length: 400 }, (_, at) => asker(at, `lock-${at % 20}`));
    // One after the other: all at once may wait for longer than an operation may take.
    for (const one of waiting) await stores.locks.ask(one, NOW + MINUTE_MS);
    const one = asker(9_999, 'door');

    const commands = await profiled(
      stores.db,
      async () => {
        await stores.locks.ask(one, NOW);
        await stores.locks.grant('door', NOW, NOW);
        await stores.locks.grant('lock-1', NOW, NOW);
        await stores.locks.markSignalled(one, NOW, NOW);
        for (const due of await stores.locks.due(NOW, LIMIT))
          await stores.locks.lookAgain(due, NOW + MINUTE_MS);
        await stores.locks.due(NOW + MINUTE_MS, LIMIT);
        await stores.locks.withdraw(one);
      },
      'locks',
    );

    expectFrugal(commands);
  });
});
