import { inspect } from 'node:util';
import { CommitWriter } from '../src/activities/writing/commit-writer.js';
import { type RevisionUpdate } from '../src/activities/writing/commit-statement.js';
import { type ActivityDocument } from '../src/activities/stored/activity-document.js';
import { type StoredFields } from '../src/storage/stored-fields.js';
import { StoreWriteRefusedError } from '../src/errors.js';
import { NOW, recorded } from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';

const MIB = 1024 ** 2;

let stores: MongoStores;
let writer: CommitWriter;

beforeAll(async () => {
  stores = await new MongoStores().open();
  writer = new CommitWriter(stores.link);
});
afterAll(() => stores.drop());

const committed = { status: 'fulfilled', value: 'committed' };
const stale = { status: 'fulfilled', value: 'stale' };

function anUpdate(id: string, update: Partial<RevisionUpdate> = {}): RevisionUpdate {
  const set = { status: 'succeeded', run: { of: id } } as const;
  return { id, lockVersion: 1, commitId: `commit-of-${id}`, set, unset: ['wakeAt'], ...update };
}

async function stored(id: string): Promise<ActivityDocument | null> {
  return stores.activityModel.findById(id).lean();
}

async function newRecords(...names: readonly string[]): Promise<readonly string[]> {
  const made = [];
  for (const name of names) made.push((await recorded(stores.activities, name, NOW)).id);
  return made;
}

describe('commits that share a statement', () => {
  it('each write their own values, and those of an older lock version nothing', async () => {
    const ids = await newRecords('one', 'two', 'three');
    const updates = ids.map((id, at) => anUpdate(id, { lockVersion: at === 1 ? 7 : 1 }));

    expect(await writer.write(updates)).toEqual([committed, stale, committed]);
    for (const [at, id] of ids.entries()) {
      const document = await stored(id);
      expect(document).toMatchObject(
        at === 1
          ? { status: 'queued', revision: 1, wakeAt: expect.any(Date) as unknown }
          : { status: 'succeeded', revision: 2, run: { of: id }, commitId: `commit-of-${id}` },
      );
      expect(document?.wakeAt === undefined).toBe(at !== 1);
    }
  });

  it('of the same record let the first one win', async () => {
    const [id = ''] = await newRecords('twice');
    const updates = [anUpdate(id), anUpdate(id, { commitId: 'another' })];

    expect(await writer.write(updates)).toEqual([committed, stale]);
    expect(await stored(id)).toMatchObject({ revision: 2, commitId: `commit-of-${id}` });
  });

  it('are all made but for one that MongoDB refuses, wherever it stands', async () => {
    const ids = (await newRecords('4', '5', '6', '7')).toSorted();
    for (const refused of ids.slice(0, 3)) {
      const lockVersion = ids.indexOf(refused) + 1;
      // With this the record is larger than a document may be.
      const set = { status: 'running', run: { text: 'x'.repeat(9 * MIB) } } as const;
      await stores.activityModel.collection.updateOne(
        { _id: refused as never },
        { $set: { 'event.data': 'x'.repeat(8 * MIB) } },
      );
      const updates = ids.map((id) =>
        anUpdate(id, { lockVersion, ...(id === refused && { set }), commitId: `${id}-${refused}` }),
      );

      const outcomes = await writer.write(updates);
      expect(outcomes).toEqual(
        ids.map((id) =>
          id === refused
            ? { status: 'rejected', reason: expect.any(StoreWriteRefusedError) as unknown }
            : committed,
        ),
      );
      await writer.write([anUpdate(refused, { lockVersion })]);
    }
  });
});

describe('each kind of change', () => {
  const task = (name: string, status: string): StoredFields => ({ name, status });
  const posted = (id: string): StoredFields => ({ id, key: 'k', kind: 'event' });
  /** What one update of a kind writes for the record with this number. */
  const KINDS: Readonly<Record<string, (n: number) => Partial<RevisionUpdate>>> = {
    'a whole state': (n) => ({
      set: { status: 'waiting', run: { n }, tasks: [task('a', `s${n}`)] },
    }),
    'a lease': (n) => ({
      set: { status: 'running', wakeAt: new Date(Date.UTC(2126, 0, n + 1)), leaseOwner: `o${n}` },
      unset: [],
      leaseMs: 1_000,
    }),
    'changed and added entries': (n) => ({
      set: { status: 'running', run: { n } },
      kept: ['old'],
      entries: { tasks: { changed: [task('b', `c${n}`)], added: [task('d', `d${n}`)] } },
    }),
    'added entries alone': (n) => ({
      entries: {
        tasks: { changed: [], added: [task(`x${n}`, 's')] },
        results: { changed: [], added: [{ name: `r${n}`, value: { json: `[${n}]` } }] },
      },
    }),
    'signals taken': (n) => ({ signals: [`taken-${n}`] }),
    'an outbox': (n) => ({
      outbox: {
        posted: [posted(`p${n}`)],
        gone: [`gone-${n}`],
        undelivered: [{ id: `u${n}`, $where: `$run.${n}` }],
      },
    }),
    'an outbox that only shrinks': (n) => ({
      outbox: { posted: [], gone: [`gone-${n}`], undelivered: [] },
    }),
  };

  async function prepared(name: string, n: number): Promise<string> {
    const [id = ''] = await newRecords(name);
    const set = {
      run: { old: `kept ${n}`, other: 1 },
      tasks: [task('a', 'begun'), task('b', 'begun')],
      results: [{ name: 'r', value: { json: '1' } }],
      inbox: [{ id: `taken-${n}` }, { id: 'stays' }],
      outbox: [posted(`gone-${n}`), posted('stays')],
    };
    await stores.activityModel.collection.updateOne({ _id: id as never }, { $set: set });
    return id;
  }

  it.each(Object.entries(KINDS))(
    'is the same in a shared statement as in one alone: %s',
    async (kind, of) => {
      const numbers = [0, 1, 2];
      const alone: unknown[] = [];
      const together: RevisionUpdate[] = [];
      for (const n of numbers) {
        const id = await prepared(`${kind}, alone, ${n}`, n);
        const update = anUpdate(id, { set: { status: 'running' }, commitId: `c${n}`, ...of(n) });
        expect(await writer.write([update])).toEqual([committed]);
        alone.push(withoutNames(await stored(id)));
        const other = await prepared(`${kind}, together, ${n}`, n);
        together.push({ ...update, id: other });
      }

      expect(await writer.write(together)).toEqual(numbers.map(() => committed));
      for (const [n, { id }] of together.entries())
        expect(withoutNames(await stored(id))).toEqual(alone[n]);
      expect(new Set(alone.map((one) => inspect(one, { depth: 9 }))).size).toBe(numbers.length);
    },
  );

  it('stands beside others in one batch', async () => {
    const updates: RevisionUpdate[] = [];
    for (const [kind, of] of Object.entries(KINDS))
      for (const n of [0, 1]) {
        const id = await prepared(`${kind}, beside others, ${n}`, n);
        updates.push(
          anUpdate(id, { set: { status: 'running' }, commitId: `${kind}-${n}`, ...of(n) }),
        );
      }

    expect(await writer.write(updates)).toEqual(updates.map(() => committed));
    for (const { id, commitId } of updates)
      expect(await stored(id)).toMatchObject({ commitId, revision: 2 });
  });

  function withoutNames(document: ActivityDocument | null): unknown {
    return { ...document, _id: undefined, event: undefined };
  }
});
