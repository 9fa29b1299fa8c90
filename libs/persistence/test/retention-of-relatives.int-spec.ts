import { type ActivityParent, type ActivityRetryOf } from '../src/activities/activity.js';
import { META } from '../src/due/store-lease.js';
import { RetentionJob } from '../src/retention/retention-job.js';
import { aCommit, aNewActivity, aState } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';
import { expectFrugal, profiled } from './profiler.js';

const DAY_MS = 86_400_000;
const FAILURE = { level: 'workflow', code: 'SOME', message: 'some' } as const;
const RETRY = { from: 'failed', revision: 'pinned', by: 'somebody', reason: 'none' } as const;

let stores: MongoStores;
let now: number;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
beforeEach(async () => {
  await stores.empty();
  now = stores.link.clock.now();
});
afterAll(() => stores.drop());

interface Relatives {
  readonly parent?: ActivityParent;
  readonly retryOf?: ActivityRetryOf;
}

async function begun(id: string, relatives: Relatives = {}): Promise<void> {
  const createdAt = now - 9 * DAY_MS;
  await stores.activities.record(aNewActivity({ id, createdAt, ...relatives }));
}

async function ended(
  id: string,
  status: 'succeeded' | 'failed',
  relatives: Relatives = {},
): Promise<void> {
  await begun(id, relatives);
  await end(id, status);
}

async function end(id: string, status: 'succeeded' | 'failed'): Promise<void> {
  const failed = status === 'failed' && { failure: FAILURE };
  const state = aState({ status, endedAt: now - 8 * DAY_MS, ...failed });
  await stores.activities.commit(aCommit({ id, state }));
}

/** A pass that reads everything: succeeded activities are kept for a day, failed ones for a hundred. */
async function pass(): Promise<void> {
  await stores.db.collection(META).deleteMany({});
  const job = new RetentionJob(
    stores.link,
    'executor-1',
    {
      days: { succeeded: 1, failed: 100, refused: 1 },
      intervalMs: 10,
      batchItemsMax: 250,
      pauseMs: 0,
    },
    () => undefined,
    () => undefined,
  );
  expect(await job.pass()).toBe('done');
}

async function left(): Promise<readonly string[]> {
  return (await stores.activityModel.distinct('_id')).toSorted();
}

function childOf(activity: string, waits = true): Relatives {
  return { parent: { activity, task: 'each', attempt: 1, index: 0, generation: 1, waits } };
}

function retryOf(activity: string, attempt: number): Relatives {
  return { retryOf: { ...RETRY, activity, first: 'first', attempt } };
}

it('keeps a child until the parent that waits for it has ended', async () => {
  await begun('parent');
  await ended('child', 'succeeded', childOf('parent'));
  await ended('child of nobody', 'succeeded', childOf('removed'));
  await ended('child that nobody waits for', 'succeeded', childOf('parent', false));

  await pass();
  expect(await left()).toEqual(['child', 'parent']);

  await end('parent', 'failed');
  await pass();
  expect(await left()).toEqual(['parent']);
});

it('keeps a retry for as long as the run that it retries', async () => {
  await ended('first', 'failed');
  await ended('second', 'failed', retryOf('first', 2));
  await ended('third', 'succeeded', retryOf('second', 3));
  await ended('retry of nothing', 'succeeded', retryOf('removed', 2));

  await pass();
  expect(await left()).toEqual(['first', 'second', 'third']);

  await stores.activityModel.deleteMany({ _id: { $in: ['first', 'second'] } });
  await pass();
  expect(await left()).toEqual([]);
});

it('reads the relatives of a batch together, by their ids', async () => {
  for (const parent of ['a', 'b', 'c', 'd']) {
    await begun(parent);
    await ended(`child of ${parent}`, 'succeeded', childOf(parent));
  }

  const commands = await profiled(stores.db, pass, 'activities');

  expectFrugal(commands);
  expect(await left()).toHaveLength(8);
});
