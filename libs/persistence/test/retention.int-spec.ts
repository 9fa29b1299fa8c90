import { type mongo } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import { RESULTS } from '../src/activities/beside/results.schema.js';
import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { ActivityIncompleteError } from '../src/errors.js';
import { type RetentionClass } from '../src/retention/retention-classes.js';
import { RetentionJob, type RetentionSettings } from '../src/retention/retention-job.js';
import { quotaMonthOf } from '../src/quotas/run-quotas.js';
import { META, StoreLease } from '../src/due/store-lease.js';
import {
  aCommit,
  aNewActivity,
  aRejectedRequest,
  aState,
  anEvent,
} from '../src/testing/builders.js';
import { dueWorkContract } from '../src/testing/due-work.contract.js';
import { MongoStores } from './mongo-stores.js';
import { until } from '@app/errors/testing';

const DAY_MS = 86_400_000;
const SETTINGS: RetentionSettings = {
  days: { succeeded: 10, failed: 20, refused: 5 },
  intervalMs: 10,
  batchItemsMax: 3,
  pauseMs: 0,
};

let stores: MongoStores;
let removed: [RetentionClass, number][];
let now: number;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
beforeEach(async () => {
  await stores.empty();
  const db = stores.db;
  await db.collection(META).deleteMany({});
  removed = [];
  now = stores.link.clock.now();
});
afterAll(() => stores.drop());

function job(settings: Partial<RetentionSettings> = {}, owner = 'executor-1'): RetentionJob {
  return new RetentionJob(
    stores.link,
    owner,
    { ...SETTINGS, ...settings },
    (of, activities) => removed.push([of, activities]),
    () => undefined,
  );
}

type Status = 'succeeded' | 'failed' | 'cancelled' | 'timedout';

async function ended(
  id: string,
  status: Status,
  daysAgo: number,
  createdDaysAgo = daysAgo,
): Promise<string> {
  const endedAt = now - daysAgo * DAY_MS;
  const activity = aNewActivity({
    event: anEvent({ id }),
    workflowId: `workflow-${id.length % 3}`,
    createdAt: now - createdDaysAgo * DAY_MS,
  });
  await stores.activities.record(activity);
  const failure = { level: 'workflow', code: 'SOME', message: 'some' } as const;
  const state = aState({ status, endedAt, ...(status !== 'succeeded' && { failure }) });
  await stores.activities.commit(aCommit({ id: activity.id, state }));
  return activity.id;
}

async function left(): Promise<number> {
  return stores.activityModel.countDocuments();
}

it('removes each class when its time is over, counted from the end', async () => {
  for (const status of ['failed', 'cancelled', 'timedout'] as const) {
    await ended(`${status} and old`, status, 21);
    await ended(status, status, 19);
  }
  await ended('old', 'succeeded', 11);
  await ended('kept', 'succeeded', 9);
  await ended('took long', 'succeeded', 9, 300);
  await stores.activities.record(aNewActivity({ createdAt: now - 300 * DAY_MS }));
  stores.rejectedRequests.add(aRejectedRequest({ at: now - 6 * DAY_MS }));
  stores.rejectedRequests.add(aRejectedRequest({ at: now - 4 * DAY_MS }));
  await stores.rejectedRequests.flush();

  expect(await job().pass()).toBe('done');

  const statuses = (await stores.activityModel.find().lean()).map(({ status, refusal }) =>
    refusal ? 'refused' : status,
  );
  expect(statuses.toSorted()).toEqual(
    ['cancelled', 'failed', 'queued', 'refused', 'succeeded', 'succeeded', 'timedout'].toSorted(),
  );
  const counts = removed.reduce<Record<string, number>>(
    (sums, [of, count]) => ({ ...sums, [of]: (sums[of] ?? 0) + count }),
    {},
  );
  expect(counts).toEqual({ succeeded: 1, failed: 3, refused: 1 });
});

it('keeps what counts in the month, whatever is over', async () => {
  const activity = aNewActivity({ createdAt: now - 11 * DAY_MS, quotaMonth: quotaMonthOf(now) });
  const before = aNewActivity({
    ...{ id: 'before', createdAt: now - 11 * DAY_MS },
    quotaMonth: quotaMonthOf(now) - 1,
  });
  for (const one of [activity, before]) {
    await stores.activities.record(one);
    const state = aState({ status: 'succeeded', endedAt: now - 11 * DAY_MS });
    await stores.activities.commit(aCommit({ id: one.id, state }));
  }

  await job().pass();

  expect(await stores.activityModel.distinct('_id')).toEqual([activity.id]);
});

it('removes nothing that is kept for ever', async () => {
  await ended('old', 'succeeded', 3_000);
  await ended('older', 'failed', 3_000);

  await job({ days: { succeeded: null, failed: null, refused: null } }).pass();

  expect(await left()).toBe(2);
});

it('goes over all of them in batches, however many came at one moment', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `${'x'.repeat(index % 3)}-${index}`);
  await Promise.all(ids.map((id) => ended(id, 'succeeded', 11)));

  await job().pass();

  expect(await left()).toBe(0);
  expect(Math.max(...removed.map(([, count]) => count))).toBeLessThanOrEqual(3);
});

dueWorkContract('what is kept no longer', async (executors, things) => {
  for (let n = 0; n < things; n += 1) await ended(`${n}`, 'succeeded', 11);
  const pollers = Array.from({ length: executors }, (_, n) => job({}, `executor-${n}`));
  const timesDone = async (): Promise<ReadonlyMap<string, number>> => {
    const count = removed.reduce((sum, [, activities]) => sum + activities, 0);
    return new Map(Array.from({ length: count }, (_, n) => [`${n}`, 1]));
  };
  return { pollers, timesDone };
});

it('is the work of one executor at a time, and goes on where another has left it', async () => {
  const db = stores.db;
  await ended('a', 'succeeded', 11);
  await ended('bb', 'succeeded', 11);
  await ended('ccc', 'succeeded', 11);
  const other = new StoreLease('retention', 'executor-2', DAY_MS);
  await other.take(db);
  expect(await job().pass()).toBe('not-mine');
  expect(await left()).toBe(3);

  // It had done with two of the three workflows.
  const place = { class: 'succeeded', workflowId: 'workflow-2', isFull: true };
  await other.giveUp(db, { now, ...place, passedAt: 0, fullAt: 0 });
  expect(await job().pass()).toBe('done');

  expect(await left()).toBe(2);
  expect(await job().pass()).toBe('done');
});

it('finds what ended late within a day', async () => {
  const db = stores.db;
  await job().pass();
  await ended('late', 'succeeded', 11, 300);

  await job().pass();
  expect(await left()).toBe(1);

  const fullAt = { 'notes.fullAt': now - 2 * DAY_MS };
  await db.collection(META).updateOne({ _id: 'retention' as never }, { $set: fullAt });
  await job().pass();
  expect(await left()).toBe(0);
});

it('stops between two batches when its process does', async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `${index}`.padEnd(3));
  await Promise.all(ids.map((id) => ended(id, 'succeeded', 11)));
  const running = job({ pauseMs: 60_000 });
  running.start();
  await until(() => removed.length > 0);

  await running.stop();

  expect(await left()).toBe(27);
  await sleep(0);
  expect(await job().pass()).toBe('done');
  expect(await stores.activityModel.db.collection(ACTIVITIES).countDocuments()).toBe(0);
});

it('goes on by itself while the process does', async () => {
  const running = job();
  running.start();
  await ended('old', 'failed', 21);

  await until(async () => (await left()) === 0);

  await running.stop();
});

it('leaves what has ended as long as it has something to deliver', async () => {
  const id = await ended('old', 'succeeded', 50);
  const state = aState({ status: 'succeeded', endedAt: now - 50 * DAY_MS });
  const posted = [{ id: '1', kind: 'status', key: 'k', payload: null, createdAt: now }];
  const rest = { id, state, wakeAt: now };
  await stores.activities.commit(aCommit({ ...rest, lockVersion: 2, outbox: { posted } }));

  expect(await job().pass()).toBe('done');
  expect(await left()).toBe(1);

  await stores.activities.commit(aCommit({ id, state, lockVersion: 3, outbox: { gone: ['1'] } }));
  const db = stores.db;
  await db.collection(META).deleteMany({});
  expect(await job().pass()).toBe('done');
  expect(await left()).toBe(0);
});

describe('results that lie beside an activity', () => {
  const LARGE = 'x'.repeat(50_000);

  function results(): mongo.Collection<{ _id: string }> {
    return stores.db.collection(RESULTS);
  }

  async function withResult(id: string, daysAgo: number, text = LARGE): Promise<string> {
    const activity = aNewActivity({ event: anEvent({ id }), createdAt: now - daysAgo * DAY_MS });
    await stores.activities.record(activity);
    const over = { status: 'succeeded', attempt: 1, startedAt: 1, endedAt: 2 } as const;
    const tasks = { one: { ...over, results: { text } } };
    const endedAt = now - daysAgo * DAY_MS;
    const state = aState({ status: 'succeeded', endedAt, tasks });
    expect(await stores.activities.commit(aCommit({ id: activity.id, state }))).toBe('committed');
    return activity.id;
  }

  async function age(): Promise<void> {
    await results().updateMany({}, { $set: { at: new Date(now - 2 * DAY_MS) } });
  }

  it('go with it, and no others do', async () => {
    await withResult('old', 11);
    const young = await withResult('young', 9);

    await job().pass();

    const ids = (await results().find().toArray()).map(({ _id }) => _id.split('/')[0]);
    expect(ids).toEqual([young]);
    expect((await stores.activities.get(young))?.state?.tasks['one']).toMatchObject({
      results: { text: LARGE },
    });
  });

  it('go within a day when nothing refers to them, and not while a commit may be on its way', async () => {
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map((id) => withResult(id, 1)));
    const [id = ''] = ids;
    const lost = aState({ results: { lost: LARGE } });
    expect(await stores.activities.commit(aCommit({ id, state: lost }))).toBe('stale');
    const nobody = aCommit({ id: 'f'.repeat(64), state: lost });
    expect(await stores.activities.commit(nobody)).toBe('stale');
    expect(await results().countDocuments()).toBe(6);

    await job().pass();
    expect(await results().countDocuments()).toBe(6);

    await age();
    const db = stores.db;
    await db.collection(META).deleteMany({});
    await job().pass();
    expect(await results().countDocuments()).toBe(4);
    for (const one of ids) expect(await stores.activities.get(one)).toBeDefined();
  });

  it('are written anew, or renewed, by each commit that refers to them', async () => {
    const { id } = aNewActivity({ event: anEvent({ id: 'again' }) });
    const state = aState({ results: { lost: LARGE } });
    await stores.activities.commit(aCommit({ id, state }));
    await age();
    await stores.activities.commit(aCommit({ id, state }));

    expect(await results().countDocuments({ at: { $gt: new Date(now - DAY_MS) } })).toBe(1);
  });

  it('are missed when they are lost, in words that say where', async () => {
    const id = await withResult('lost', 1);
    await results().deleteMany({});

    await expect(stores.activities.get(id)).rejects.toThrow(ActivityIncompleteError);
  });
});
