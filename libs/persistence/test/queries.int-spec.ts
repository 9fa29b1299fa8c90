import { type mongo } from 'mongoose';
import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { LIST_SCAN_MAX } from '../src/activities/activity-list.js';
import { type ActivityQuery } from '../src/activities/activity-store.js';
import { countRunsIn } from '../src/quotas/count-runs.js';
import { removeBatch } from '../src/retention/expired-activities.js';
import { RETENTION_CLASSES } from '../src/retention/retention-classes.js';
import { aCommit, aNewActivity, anEvent, NOW, succeeded } from '../src/testing/builders.js';
import { aFullStore, LATER_MS, SUCCEEDED } from './full-store.js';
import { MongoStores } from './mongo-stores.js';
import { expectFrugal, FEW, profiled, type Profiled, readsOf } from './profiler.js';

const FILL_MS_MAX = 60_000;
const MINUTE_MS = 60_000;
const LIMIT = 20;

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
  await stores.db
    .collection(ACTIVITIES)
    .insertMany([...aFullStore()] as mongo.OptionalId<mongo.Document>[]);
}, FILL_MS_MAX);
afterAll(() => stores.drop());

function profile(
  work: () => Promise<unknown>,
  collection = ACTIVITIES,
): Promise<readonly Profiled[]> {
  return profiled(stores.db, work, collection);
}

async function allPages(query: Omit<ActivityQuery, 'limit'>): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await stores.activities.list({ ...query, limit: 100, ...(cursor && { cursor }) });
    ids.push(...page.activities.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ids;
}

describe('a list', () => {
  it.each<Omit<ActivityQuery, 'limit'>>([
    {},
    { workflowId: 'busy' },
    { workflowId: 'quiet' },
    { status: 'failed', refused: false },
    { status: 'failed', refused: true },
    { status: 'failed' },
    { status: 'cancelled' },
    { status: 'timedout' },
    { workflowId: 'busy', status: 'failed', refused: false },
    { workflowId: 'busy', status: 'failed' },
    { workflowId: 'quiet', status: 'cancelled' },
    { status: 'queued' },
    { status: 'waiting' },
    { status: 'running' },
  ])('of %j reads what it returns, on every page', async (query) => {
    let cursor: string | undefined;
    for (let page = 0; page < 3; page += 1) {
      const commands = await profile(async () => {
        const found = await stores.activities.list({
          ...query,
          limit: LIMIT,
          ...(cursor && { cursor }),
        });
        cursor = found.nextCursor;
      });
      expectFrugal(readsOf(commands));
      if (cursor === undefined) break;
    }
  });

  it.each<Omit<ActivityQuery, 'limit'>>([
    { status: 'succeeded' },
    { workflowId: 'busy', status: 'succeeded' },
    { workflowId: 'busy', refused: false },
    { refused: false },
    { workflowId: 'quiet', status: 'waiting' },
    { workflowId: 'nobody', status: 'waiting' },
  ])('of %j, which has no index of its own, reads a bounded part for each page', async (query) => {
    const commands = await profile(() => stores.activities.list({ ...query, limit: LIMIT }));

    expectFrugal(readsOf(commands), LIST_SCAN_MAX + FEW);
  });

  it.each<[Omit<ActivityQuery, 'limit'>, number]>([
    [{}, 9_030 + SUCCEEDED + 3_053],
    [{ status: 'succeeded' }, SUCCEEDED],
    [{ workflowId: 'busy', status: 'succeeded' }, SUCCEEDED * 0.98],
    [{ workflowId: 'quiet', status: 'succeeded' }, SUCCEEDED * 0.02],
    [{ refused: true }, 3_000],
    [{ workflowId: 'quiet', status: 'waiting' }, 60],
    [{ status: 'failed' }, 3_050],
    [{ status: 'failed', refused: false }, 50],
  ])(
    'of %j has all %i of them, each once, whatever had to be left out',
    async (query, count) => {
      const ids = await allPages(query);

      expect(new Set(ids).size).toBe(count);
      expect(ids).toHaveLength(count);
    },
    60_000,
  );
});

describe('what runs all the time', () => {
  it('finds what is due by its index', async () => {
    const now = NOW + 15 * MINUTE_MS;
    // More than a build will ever have. Only what waits is scanned for: no gate, which is two keys, by status.
    const features = [
      ...Array.from({ length: 25 }, (_, at) => `task:manual-${at}`),
      ...Array.from({ length: 12 }, (_, at) => `delivery:kind-${at}`),
    ];
    const claim = { now, limit: LIMIT, leaseMs: 1, owner: 'o', features };

    expectFrugal(await profile(() => stores.activities.dueSince(now)));
    expectFrugal(await profile(() => stores.activities.claimDue(claim)), FEW, 14);
  });

  it('claims many small ones with one look and one statement: none is read again', async () => {
    const claim = { now: NOW + 5_000 * MINUTE_MS, limit: 256, leaseMs: 1, owner: 'o' };
    let claimed: readonly unknown[] = [];

    const commands = await profile(async () => {
      claimed = await stores.activities.claimDue(claim);
    });

    expect(claimed).toHaveLength(256);
    const looks = commands.filter(({ op }) => op !== 'update');
    expect(looks.map(({ op, nreturned }) => ({ op, nreturned }))).toEqual([
      { op: 'query', nreturned: 256 },
    ]);
    expect(commands.slice(looks.length)).toMatchObject([{ op: 'update', nMatched: 256 }]);
  });

  it('walks over what is due with one query, and reads at most one batch ahead', async () => {
    const walk = new AbortController();
    const of = { leaseMs: 1, owner: 'o', unclaimed: () => true, walk: walk.signal };
    const claim = { now: NOW + 5_000 * MINUTE_MS, limit: 100, ...of };

    const commands = await profile(async () => {
      for (let look = 0; look < 4; look += 1) await stores.activities.claimDue(claim);
      walk.abort();
    });

    expect(commands.filter(({ op }) => op === 'query')).toHaveLength(1);
    const returned = commands.reduce((sum, { nreturned = 0 }) => sum + nreturned, 0);
    expect(returned).toBeGreaterThanOrEqual(400);
    expect(returned).toBeLessThanOrEqual(500);
  });

  it('passes over what begins later, by the index alone, until its time has come', async () => {
    const features = ['start:later'];
    const claim = { limit: LIMIT, leaseMs: 1, owner: 'o', features };
    const early = { kind: 'untouched', withinMs: 28_000 } as const;

    expectFrugal(await profile(() => stores.activities.claimDue({ ...claim, now: NOW, early })));
    expectFrugal(await profile(() => stores.activities.claimDue({ ...claim, now: NOW })));
    let due: readonly unknown[] = [];
    expectFrugal(
      await profile(async () => {
        due = await stores.activities.claimDue({ ...claim, now: NOW + LATER_MS });
      }),
    );
    expect(due).toHaveLength(LIMIT);
  });

  it('looks for unused leases where leases can end: what waits for longer is not read', async () => {
    const claim = { now: NOW - 60 * MINUTE_MS, limit: LIMIT, leaseMs: 30_000, owner: 'o' };
    const early = { kind: 'own-leases', exceptIds: ['in hand'] } as const;

    // Two keys of each status, however much waits.
    expectFrugal(await profile(() => stores.activities.claimDue({ ...claim, early })), 14);
  });

  it('counts what this build lacks by the index alone', async () => {
    const [count] = await profile(() => stores.activities.countUnsupported(['task:manual'], 100));

    expectFrugal(count ? [count] : [], 100);
    expect(count?.docsExamined).toBe(0);
  });

  it('counts the backlog by its index alone', async () => {
    const COUNTED_MAX = 100;

    const commands = await profile(() =>
      stores.activities.backlog({ countMax: COUNTED_MAX, now: NOW }),
    );

    expectFrugal(commands, COUNTED_MAX);
    expect(commands.map(({ docsExamined }) => docsExamined)).toEqual([0, 0, 0, 0, 0]);
  });

  it('records, commits and reads by the id', async () => {
    const activity = aNewActivity({ event: anEvent({ id: 'one more' }) });
    const signal = { id: 's', kind: 'cancel', reason: 'a test', at: NOW } as const;

    const commands = await profile(async () => {
      await stores.activities.record(activity);
      await stores.activities.record(activity);
      await stores.activities.get(activity.id);
      await stores.activities.statusOf(activity.id);
      await stores.activities.signal(activity.id, signal);
      await stores.activities.commit(
        aCommit({ id: activity.id, lockVersion: 2, state: succeeded() }),
      );
    });

    expectFrugal(commands);
  });
});

describe('children', () => {
  it('are listed by the index of their parent', async () => {
    const parent = { activity: 'p', task: 't', attempt: 1, generation: 1, waits: true };
    for (let at = 0; at < 3 * LIMIT; at += 1) {
      const id = `child-${at}`;
      const event = anEvent({ id });
      await stores.activities.record(aNewActivity({ id, event, createdAt: NOW + at, parent }));
    }

    const commands = await profile(async () => {
      const { nextCursor = '' } = await stores.activities.children('p', { limit: LIMIT });
      await stores.activities.children('p', { limit: LIMIT, cursor: nextCursor });
    });

    expectFrugal(commands);
  });
});

describe('an event that runs to its end at once', () => {
  it('costs four keys', async () => {
    const activity = aNewActivity({ event: anEvent({ id: 'quick' }) });

    const commands = await profile(async () => {
      await stores.activities.record(activity);
      await stores.activities.commit(aCommit({ id: activity.id, state: succeeded() }));
    });

    const keys = commands.map(({ keysInserted = 0, keysDeleted = 0 }) => ({
      keysInserted,
      keysDeleted,
    }));
    expect(keys).toEqual([
      { keysInserted: 3, keysDeleted: 0 },
      { keysInserted: 0, keysDeleted: 1 },
    ]);
  });
});

describe('retention', () => {
  it.each(RETENTION_CLASSES)(
    'looks for what %s by an index, and reads no more than a batch',
    async (of) => {
      const span = { workflowId: 'busy', from: 0, before: NOW - 1_000, now: NOW };

      const commands = await profile(() => removeBatch(stores.db, of, span, 10));

      expectFrugal(commands);
    },
  );

  it('finds the workflows by a key each', async () => {
    expectFrugal(await profile(() => stores.db.collection(ACTIVITIES).distinct('workflowId')));
  });
});

describe('the runs of a month', () => {
  it('are counted by their index alone, and no further than has to be', async () => {
    const counted = Array.from({ length: 30 }, (_, n) => ({
      id: `counted-${n}`,
      quotaMonth: 202611,
    }));
    const others = [
      { id: 'before', quotaMonth: 202610 },
      { id: 'retry', quotaMonth: undefined },
    ];
    for (const one of [...counted, ...others]) {
      await stores.activities.record(aNewActivity({ ...one, workflowId: 'metered' }));
    }
    const count = countRunsIn(stores.link);
    const counts: number[] = [];

    const commands = await profile(async () => {
      counts.push(await count('metered', 202611, 20), await count('metered', 202611, 100));
    });

    expect(counts).toEqual([20, 30]);
    expect(commands.map(({ docsExamined }) => docsExamined)).toEqual([0, 0]);
  });
});
