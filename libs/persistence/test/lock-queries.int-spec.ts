import { NOW } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';
import { expectFrugal, profiled } from './profiler.js';

const MINUTE_MS = 60_000;
const LIMIT = 20;

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
afterAll(() => stores.drop());

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
