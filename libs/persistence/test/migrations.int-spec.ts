import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type mongo } from 'mongoose';
import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { MIGRATIONS, type Migration } from '../src/schema/migrations.js';
import { SchemaMigrator } from '../src/schema/schema-migrator.js';
import { META, StoreLease } from '../src/due/store-lease.js';
import { idOf, LAST_RELEASE_INDEXES, lastRelease, readAsThen } from './last-release.js';
import { MongoStores, OUR_INDEXES as OURS } from './mongo-stores.js';
import { until } from '@app/errors/testing';

Logger.overrideLogger(false);

const HOUR_MS = 3_600_000;

let stores: MongoStores;

beforeEach(async () => {
  stores = new MongoStores();
  await stores.link.open();
});
afterEach(() => stores.drop());

function migrator(
  retireAfterMs = 0,
  migrations: readonly Migration[] = MIGRATIONS,
): SchemaMigrator {
  return new SchemaMigrator(stores.link, { migrations, retireAfterMs });
}

async function indexNames(): Promise<readonly string[]> {
  return (await stores.db.collection(ACTIVITIES).indexes())
    .map(({ name }) => name ?? '')
    .toSorted();
}

describe('an upgrade from the last release', () => {
  it('gives the indexes of this one, and marks what was refused, however much at one moment', async () => {
    await lastRelease(stores.db, 1_200);

    expect(await migrator().migrate(stores.db)).toBe(true);

    expect(await indexNames()).toEqual(OURS);
    expect(await stores.db.collection(ACTIVITIES).countDocuments({ refused: true })).toBe(1_200);
    expect(await stores.db.collection(META).findOne({ _id: 'schema' as never })).toMatchObject({
      version: 2,
    });
    const failed = await stores.activities.list({ status: 'failed', refused: false, limit: 100 });
    expect(failed.activities.map(({ id }) => id)).toEqual([idOf('f')]);
  });

  it('loses no activity, and has each as it was', async () => {
    await lastRelease(stores.db, 3);
    await migrator().migrate(stores.db);

    const { activities } = await stores.activities.list({ limit: 100 });
    expect(activities).toHaveLength(7);
    expect(await stores.activities.get(idOf('q'))).toMatchObject({
      status: 'queued',
      lockVersion: 1,
    });
    const now = Date.UTC(2127, 0, 1);
    const due = await stores.activities.claimDue({ now, limit: 9, leaseMs: 1, owner: 'o' });
    expect(due.map(({ id }) => id)).toEqual([idOf('q')]);
  });

  it('leaves the last release what it reads by, while it may still be running beside', async () => {
    await lastRelease(stores.db, 3);
    const before = await readAsThen(stores.db);

    await migrator(HOUR_MS).migrate(stores.db);

    expect(await indexNames()).toEqual([...OURS, 'by_status', 'due', 'retention'].toSorted());
    expect(await readAsThen(stores.db)).toEqual(before);
    // It starts again: its own indexes are there as it knows them.
    await stores.db.collection(ACTIVITIES).createIndexes([...LAST_RELEASE_INDEXES]);

    await migrator(0).migrate(stores.db);
    expect(await indexNames()).toEqual(OURS);
    expect(await readAsThen(stores.db)).toEqual(before);
  });

  it('counts that time by the clock of MongoDB, not by its own', async () => {
    await lastRelease(stores.db, 3);
    await migrator(HOUR_MS).migrate(stores.db);
    const ahead = Date.now() + 2 * HOUR_MS;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => ahead);

    try {
      await migrator(HOUR_MS).migrate(stores.db);
    } finally {
      clock.mockRestore();
    }

    expect(await indexNames()).toEqual([...OURS, 'by_status', 'due', 'retention'].toSorted());
  });

  it('never takes back the version that a newer process has come to meanwhile', async () => {
    await lastRelease(stores.db, 3);
    const newer = { version: 99, at: new Date(7) };
    const run = async (on: mongo.Db): Promise<void> => {
      await on
        .collection(META)
        .updateOne({ _id: 'schema' as never }, { $set: newer }, { upsert: true });
    };

    await migrator(0, [{ version: 2, what: 'is overtaken', run }]).migrate(stores.db);

    expect(await stores.db.collection(META).findOne({ _id: 'schema' as never })).toMatchObject(
      newer,
    );
  });

  it('goes on after any step that broke off, and may be done twice', async () => {
    await lastRelease(stores.db, 1_200);
    let batches = 0;
    const breaksOff = MIGRATIONS.map((migration) => ({
      ...migration,
      run: (on: mongo.Db) =>
        migration.run(on, async () => {
          batches += 1;
          throw new Error('the process died');
        }),
    }));

    await expect(migrator(0, breaksOff).migrate(stores.db)).rejects.toThrow('the process died');
    expect(batches).toBe(1);
    expect(await stores.db.collection(ACTIVITIES).countDocuments({ refused: true })).toBe(500);

    for (let times = 0; times < 2; times += 1) {
      expect(await migrator().migrate(stores.db)).toBe(true);
      expect(await stores.db.collection(ACTIVITIES).countDocuments({ refused: true })).toBe(1_200);
    }
  });

  it('is one process at a time: the others wait until it is done', async () => {
    const other = new StoreLease('migration', 'another process', HOUR_MS);
    await other.take(stores.db);
    const waiting = migrator();

    expect(await waiting.migrate(stores.db)).toBe(false);
    expect(await indexNames().catch(() => [])).toEqual([]);

    waiting.start();
    expect(waiting.done).toBe(false);
    await other.giveUp(stores.db);
    await until(() => waiting.done);
    expect(await indexNames()).toEqual(OURS);
  });

  it('waits for another process on one connection, however often it looks', async () => {
    const other = new StoreLease('migration', 'another process', HOUR_MS);
    await other.take(stores.db);
    const waiting = migrator();
    const looks = jest.spyOn(waiting, 'migrate');
    const connections = jest.spyOn(stores.link, 'maintain');

    waiting.start();
    await until(() => looks.mock.calls.length >= 3);
    await other.giveUp(stores.db);
    await until(() => waiting.done);

    expect(connections).toHaveBeenCalledTimes(1);
  });

  it('holds up nobody where there is nothing to be done: the lease is left where it is', async () => {
    await migrator().migrate(stores.db);
    const other = new StoreLease('migration', 'one that was killed', HOUR_MS);
    await other.take(stores.db);

    expect(await migrator().migrate(stores.db)).toBe(true);

    expect(await other.renew(stores.db)).toBe(true);
    await stores.db.collection(ACTIVITIES).dropIndex('open');
    expect(await migrator().migrate(stores.db)).toBe(false);
  });

  it('that a stop interrupts is left to another process at once', async () => {
    let isThere = false;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const run = async (_: mongo.Db, goesOn: () => Promise<void>): Promise<void> => {
      isThere = true;
      await held;
      await goesOn();
    };
    const stopped = migrator(0, [{ version: 2, what: 'is interrupted', run }]);
    const ended = stopped.migrate(stores.db);
    await until(() => isThere);

    await stopped.stop();
    expect(await migrator().migrate(stores.db)).toBe(true);

    goOn();
    await expect(ended).rejects.toThrow('this process stops');
    expect(stopped.done).toBe(false);
  });

  it('says once that it fails, and how often when it is done', async () => {
    const said = {
      warn: jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined),
      log: jest.spyOn(Logger.prototype, 'log').mockReturnValue(undefined),
    };
    let left = 5;
    const run = async (): Promise<void> => {
      if (left > 0) throw new Error(`${(left -= 1)} more times`);
    };
    const migrations = [{ version: 2, what: 'fails at first', run }];
    const failing = new SchemaMigrator(stores.link, { migrations, retireAfterMs: 0, retryMs: 1 });

    failing.start();
    await until(() => failing.done);

    expect(said.warn.mock.calls.flat().join('\n')).toMatch(/^[^\n]*4 more times$/);
    expect(said.log.mock.calls.flat().join('\n')).toContain('after 5 attempts that failed');
    jest.restoreAllMocks();
  });

  it('leaves a database alone that a newer release has migrated', async () => {
    await stores.db
      .collection(META)
      .insertOne({ _id: 'schema' as never, version: 99, at: new Date() });

    expect(await migrator().migrate(stores.db)).toBe(true);

    expect(await indexNames().catch(() => [])).toEqual([]);
  });
});

describe('a lease', () => {
  const lease = (owner: string, leaseMs = HOUR_MS): StoreLease =>
    new StoreLease('work', owner, leaseMs);

  it('is one of many who ask at once', async () => {
    const all = Array.from({ length: 8 }, (_, index) => lease(`${index}`));
    const taken = await Promise.all(all.map((one) => one.take(stores.db)));

    expect(taken.filter((notes) => notes !== undefined)).toHaveLength(1);
  });

  it('hands its notes to whoever has it next', async () => {
    await lease('a').take(stores.db);
    expect(await lease('a').renew(stores.db, { at: '$notAnExpression' })).toBe(true);
    expect(await lease('b').take(stores.db)).toBeUndefined();
    await lease('a').giveUp(stores.db);

    expect(await lease('b').take(stores.db)).toEqual({ at: '$notAnExpression' });
    expect(await lease('a').renew(stores.db)).toBe(false);
  });

  it('that has run out is for anybody', async () => {
    await lease('a', 0).take(stores.db);

    expect(await lease('b').take(stores.db)).toEqual({});
  });
});
