import { until } from '@app/errors/testing';
import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { removeBatch, type WalkPlace } from '../src/retention/expired-activities.js';
import { RetentionJob } from '../src/retention/retention-job.js';
import { MongoStores } from './mongo-stores.js';

const LONG_AGO = Date.UTC(2020, 0, 2, 3, 4, 5);

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
beforeEach(() => stores.empty());
afterAll(() => stores.drop());

/** Stores activities of a workflow that ended one after another, long ago. */
async function store(workflowId: string, count: number): Promise<void> {
  const ended = Array.from({ length: count }, (_, n) => ({
    ...{ _id: `${workflowId}-${n}`, workflowId, status: 'succeeded' },
    ...{ createdAt: new Date(LONG_AGO + n), run: { endedAt: LONG_AGO + n } },
  }));
  await stores.db.collection<{ _id: string }>(ACTIVITIES).insertMany(ended);
}

interface IndexDetails {
  readonly by_workflow: { readonly cursor: Readonly<Record<string, number>> };
}

/** How many removed keys of the index of workflows were walked over so far, by MongoDB's own count. */
async function keysSkipped(): Promise<number> {
  const stats = await stores.db.command({ collStats: ACTIVITIES, indexDetails: true });
  const { cursor } = (stats['indexDetails'] as IndexDetails).by_workflow;
  const skippedBy = (calls: 'next' | 'prev'): number =>
    cursor[`Total number of entries skipped by cursor ${calls} calls`] ?? NaN;
  return skippedBy('next') + skippedBy('prev');
}

it('does not walk over all that was removed before, batch for batch', async () => {
  const count = 500;
  await store('workflow', count);
  const edge = LONG_AGO + count;
  const span = { workflowId: 'workflow', from: 0, before: edge, now: edge };
  const before = await keysSkipped();

  let place: WalkPlace | undefined;
  do {
    ({ next: place } = await removeBatch(stores.db, 'succeeded', span, 50, place));
  } while (place);

  expect(await stores.activityModel.countDocuments()).toBe(0);
  // The last batch looks for more behind the last activity, and so walks over each key once.
  expect((await keysSkipped()) - before).toBeLessThanOrEqual(2 * count);
});

it('pauses after a batch, also of the activities of several workflows', async () => {
  for (const workflowId of ['a', 'b', 'c']) await store(workflowId, 2);
  const removed: number[] = [];
  const running = new RetentionJob(
    stores.link,
    'executor-1',
    {
      days: { succeeded: 1, failed: null, refused: null },
      intervalMs: 60_000,
      batchItemsMax: 3,
      pauseMs: 60_000,
    },
    (_of, activities) => removed.push(activities),
    () => undefined,
  );
  running.start();
  await until(() => removed.length === 2);

  await running.stop();

  expect(removed).toEqual([2, 2]);
  expect(await stores.activityModel.countDocuments()).toBe(2);
});
