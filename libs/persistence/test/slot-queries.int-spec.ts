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
        if (holder) await stores.slots.markTold(holder, NOW, NOW);
      }
      await stores.slots.due(NOW, LIMIT);
      await stores.slots.newest('slot-1', { skip: 3, limit: LIMIT, waiting: false });
      await stores.slots.newest('slot-1', { skip: 1, limit: LIMIT, waiting: true });
      await stores.slots.turnAway(asker(381), { code: 'WHY', reason: 'because' }, NOW);
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
      if (holder) await stores.slots.markTold(holder, NOW, NOW);
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
});
