import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { until } from '@app/errors/testing';
import { sortOf } from '../src/activities/activity-list.js';
import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { META, StoreLease } from '../src/due/store-lease.js';
import { MIGRATIONS } from '../src/schema/migrations.js';
import {
  dropIndexes,
  reconcileIndexes,
  type IndexDefinition,
} from '../src/schema/reconcile-indexes.js';
import { SchemaMigrator } from '../src/schema/schema-migrator.js';
import { aNewActivity, NOW } from '../src/testing/builders.js';
import { lastRelease } from './last-release.js';
import { MongoStores, OUR_INDEXES as OURS } from './mongo-stores.js';

Logger.overrideLogger(false);

const HOUR_MS = 3_600_000;

let stores: MongoStores;

beforeEach(async () => {
  stores = new MongoStores();
  await stores.link.open();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await stores.drop();
});

function migrator(retireAfterMs: number): SchemaMigrator {
  return new SchemaMigrator(stores.link, { migrations: MIGRATIONS, retireAfterMs });
}

describe('an index that nothing needs any more', () => {
  async function indexNames(): Promise<readonly string[]> {
    return (await stores.db.collection(ACTIVITIES).indexes())
      .map(({ name }) => name ?? '')
      .toSorted();
  }

  it('is left an hour from when that was first found, also where no version changes', async () => {
    await migrator(0).migrate(stores.db);
    const aMonthAgo = new Date(Date.now() - 30 * 24 * HOUR_MS);
    await stores.db
      .collection(META)
      .updateOne({ _id: 'schema' as never }, { $set: { at: aMonthAgo } });
    await stores.db
      .collection(ACTIVITIES)
      .createIndexes([{ key: { status: 1 }, name: 'by_status' }]);

    await migrator(HOUR_MS).migrate(stores.db);
    expect(await indexNames()).toEqual([...OURS, 'by_status'].toSorted());

    const unneeded = { _id: 'unneeded-indexes' as never };
    await stores.db.collection(META).updateOne(unneeded, { $set: { at: aMonthAgo } });
    await migrator(HOUR_MS).migrate(stores.db);
    expect(await indexNames()).toEqual(OURS);
    expect(await stores.db.collection(META).countDocuments(unneeded)).toBe(0);
  });

  it.each([
    ['another process has the lease', () => Promise.resolve(undefined)],
    ['MongoDB is gone', () => Promise.reject(new Error('gone'))],
  ])('goes later, although at that time %s', async (_what, inTheWay) => {
    await lastRelease(stores.db, 3);
    const take = jest.spyOn(StoreLease.prototype, 'take');
    // Whoever is to look again in an hour does so at once, and meets what is in the way twice.
    const later = setTimeout;
    let waits = 0;
    jest.spyOn(globalThis, 'setTimeout').mockImplementation((again, ms = 0) => {
      if (ms < HOUR_MS / 2) return later(again, ms);
      waits += 1;
      if (waits === 1) take.mockImplementationOnce(inTheWay).mockImplementationOnce(inTheWay);
      return later(again, 1);
    });
    const settings = { migrations: MIGRATIONS, retireAfterMs: HOUR_MS, retryMs: 1 };
    const upgrades = new SchemaMigrator(stores.link, settings);

    await upgrades.migrate(stores.db);
    await until(() => take.mock.calls.length > 3);
    expect(await indexNames()).toContain('by_status');
    const anHourAgo = new Date(Date.now() - 2 * HOUR_MS);
    await stores.db
      .collection(META)
      .updateOne({ _id: 'unneeded-indexes' as never }, { $set: { at: anHourAgo } });
    await until(async () => !(await indexNames()).includes('by_status'));

    await upgrades.stop();
  });
});

describe('the index of what is open', () => {
  /** As a build before this one has it, whose lists are in the order of the ids and whose sweepers name no tie. */
  const BEFORE = { status: 1, gate: 1, wakeAt: 1, _id: 1 } as const;
  const LISTED_THEN = { wakeAt: 1, _id: 1 } as const;
  const partialFilterExpression = { wakeAt: { $exists: true } };

  async function hasSorted(sort: Record<string, 1 | -1>): Promise<boolean> {
    const open = { status: 'queued', gate: { $in: [null] }, wakeAt: { $gte: new Date(0) } };
    const plan = await stores.db.collection(ACTIVITIES).find(open).sort(sort).explain();
    const { queryPlanner } = plan as { queryPlanner: { winningPlan: object } };
    return JSON.stringify(queryPlanner.winningPlan).includes('"stage":"SORT"');
  }

  it('serves a build before this one, until nobody runs it any more', async () => {
    const activities = stores.db.collection(ACTIVITIES);
    await activities.createIndexes([{ key: BEFORE, name: 'open', partialFilterExpression }]);
    const ids: string[] = [];
    for (const at of [3, 1, 2]) {
      const activity = aNewActivity({ id: `${at}`.repeat(32), createdAt: NOW + ids.length });
      await stores.activities.record({ ...activity, wakeAt: NOW });
      ids.push(activity.id);
    }
    const claim = { now: NOW, limit: 9, leaseMs: 1, owner: 'o', unclaimed: () => true };
    const due = async (): Promise<readonly string[]> =>
      (await stores.activities.claimDue(claim)).map(({ id }) => id);
    const listed = async (): Promise<readonly string[]> =>
      (await stores.activities.list({ status: 'queued', limit: 9 })).activities.map(({ id }) => id);

    expect(await due()).toHaveLength(3);
    expect(await listed()).toEqual(ids);

    await migrator(HOUR_MS).migrate(stores.db);
    expect(await listed()).toEqual(ids);
    expect(await hasSorted(LISTED_THEN)).toBe(false);
    expect(await hasSorted(sortOf('wakeAt'))).toBe(false);

    await migrator(0).migrate(stores.db);
    expect(await due()).toEqual(ids);
    expect(await listed()).toEqual(ids);
    expect(await hasSorted({ wakeAt: 1 })).toBe(false);
    expect(await hasSorted(sortOf('wakeAt'))).toBe(false);
  });
});

describe('an index', () => {
  const V1: IndexDefinition = { name: 'some', key: { a: 1 } };
  const V2: IndexDefinition = { name: 'some', key: { a: 1, b: 1 } };
  const reconcile = (...wanted: IndexDefinition[]): Promise<readonly string[]> =>
    reconcileIndexes(stores.db, { collection: 'things', wanted, retired: ['old'] });
  const names = async (): Promise<readonly (string | undefined)[]> =>
    (await stores.db.collection('things').indexes()).map(({ name }) => name);

  it('whose definition changes is built beside the old one, which goes only then', async () => {
    expect(await reconcile(V1)).toEqual([]);

    expect(await reconcile(V2)).toEqual(['some']);
    expect(await names()).toEqual(['_id_', 'some', 'some_2']);

    await dropIndexes(stores.db, 'things', ['some']);
    expect(await reconcile(V2)).toEqual([]);
    expect(await reconcile(V1)).toEqual(['some_2']);
    expect(await names()).toEqual(['_id_', 'some_2', 'some']);
  });

  it.each([
    ['partial', { ...V1, partialFilterExpression: { c: { $exists: true } } }],
    ['partial in another way', { ...V1, partialFilterExpression: { d: { $exists: true } } }],
  ])('that becomes %s is another one', async (_what, other) => {
    await reconcile({ ...V1, partialFilterExpression: { b: { $exists: true } } });

    expect(await reconcile(other)).toEqual(['some']);
    expect(await reconcile(other)).toEqual(['some']);
    expect(await names()).toEqual(['_id_', 'some', 'some_2']);
  });

  it('that an operator has made stays', async () => {
    await stores.db.collection('things').createIndexes([{ key: { z: 1 }, name: 'mine' }]);
    await stores.db.collection('things').createIndexes([{ key: { y: 1 }, name: 'old' }]);

    expect(await reconcile(V1)).toEqual(['old']);
  });
});
