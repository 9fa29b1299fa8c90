import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { aNewActivity, NOW } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';
import { profiled } from './profiler.js';

const LIMIT = 20;

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
afterAll(() => stores.drop());

describe('a list over many workflows', () => {
  it('reads little of each but the first hundred, and has all of them in order', async () => {
    const count = 1_000;
    const EACH = 5;
    const made = Array.from({ length: count * EACH }, (_, at) => {
      const workflowId = `workflow ${at % count}`;
      return aNewActivity({ id: `${at}`, workflowId, createdAt: NOW + ((at * 7_919) % 10_007) });
    });
    await Promise.all(made.map((one) => stores.activities.record(one)));
    const newestFirst = made.toSorted((a, b) => b.createdAt - a.createdAt).map(({ id }) => id);
    let found: readonly string[] = [];
    let next: string | undefined;

    const commands = await profiled(
      stores.db,
      async () => {
        const page = await stores.activities.list({ limit: LIMIT });
        found = page.activities.map(({ id }) => id);
        next = page.nextCursor;
      },
      ACTIVITIES,
    );
    const second = await stores.activities.list({ limit: LIMIT, cursor: next ?? '' });

    const read = commands.reduce((sum, { docsExamined = 0 }) => sum + docsExamined, 0);
    expect([...found, ...second.activities.map(({ id }) => id)]).toEqual(
      newestFirst.slice(0, 2 * LIMIT),
    );
    // Ten parts of a hundred workflows: a page of the first, and less and less of the others.
    expect(read).toBeLessThan(5 * LIMIT);
  });
});
