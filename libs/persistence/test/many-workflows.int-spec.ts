import { type mongo } from 'mongoose';
import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { LIST_SCAN_MAX } from '../src/activities/activity-list.js';
import { type ActivityQuery } from '../src/activities/activity-store.js';
import { NOW } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';
import { expectFrugal, FEW, isOfWorkflows, profiled, readsOf } from './profiler.js';

const WORKFLOWS = 500;
const EACH = 3;
const LIMIT = 20;

const COMMON = { workflowRevision: 1, trigger: 'event', revision: 2, inbox: [] };
/** The oldest of all. */
const REFUSED = {
  ...COMMON,
  ...{ _id: 'refused', workflowId: 'workflow-0', status: 'failed', refused: true },
  createdAt: new Date(NOW - 1),
  failure: { level: 'workflow', code: 'SOME', message: 'some' },
  refusal: { count: 1, firstAt: new Date(NOW), lastAt: new Date(NOW) },
};

let stores: MongoStores;
let ids: readonly string[];

beforeAll(async () => {
  stores = await new MongoStores().open();
  const made = Array.from({ length: WORKFLOWS * EACH }, (_, at) => ({
    // In another order than the times, five of which are the same.
    _id: `${(at * 7_919) % (WORKFLOWS * EACH)}`.padStart(32, '0'),
    workflowId: `workflow-${(at * 31) % WORKFLOWS}`,
    ...COMMON,
    status: 'succeeded',
    createdAt: new Date(NOW + Math.floor(at / 5)),
    run: { startedAt: NOW, endedAt: NOW, results: { json: '{}' } },
  }));
  await stores.db
    .collection(ACTIVITIES)
    .insertMany([...made, REFUSED] as unknown as mongo.OptionalId<mongo.Document>[]);
  ids = made
    .toSorted((a, b) => Number(b.createdAt) - Number(a.createdAt) || (a._id < b._id ? 1 : -1))
    .map(({ _id }) => _id);
});
afterAll(() => stores.drop());

describe('the list of all activities of many workflows', () => {
  // As many as the workflows that the first page is read from, and fewer.
  it.each<ActivityQuery>([
    { limit: LIMIT },
    { limit: 100 },
    { limit: 100, refused: false },
    { limit: LIMIT, status: 'succeeded' },
  ])('that match %j has the newest on its pages, in order', async (query) => {
    const first = await stores.activities.list(query);
    const { nextCursor: cursor = '' } = first;
    const second = await stores.activities.list({ ...query, cursor });

    const found = [...first.activities, ...second.activities].map(({ id }) => id);
    expect(found).toEqual(ids.slice(0, 2 * query.limit));
  });

  it('finds what few of them have', async () => {
    expect(await stores.activities.list({ limit: LIMIT, refused: true })).toEqual({
      activities: [expect.objectContaining({ id: 'refused', workflowId: 'workflow-0' })],
    });
  });

  it('reads a key of each workflow for the first page, and the activities of few', async () => {
    const page = (): Promise<unknown> => stores.activities.list({ limit: LIMIT, refused: false });

    const commands = await profiled(stores.db, page, ACTIVITIES);

    const [ofWorkflows] = commands.filter(isOfWorkflows);
    const others = readsOf(commands);
    expect(ofWorkflows).toMatchObject({
      planSummary: expect.stringMatching(/^DISTINCT_SCAN/) as string,
      docsExamined: 0,
    });
    expect(ofWorkflows?.keysExamined).toBeLessThanOrEqual(WORKFLOWS + FEW);
    expect(others).toHaveLength(1);
    expectFrugal(others, LIST_SCAN_MAX);
  });
});
