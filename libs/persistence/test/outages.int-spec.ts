import { Logger } from '@nestjs/common';
import { type Signal } from '@app/workflow-engine';
import { type mongo } from 'mongoose';
import { StoreUnavailableError } from '../src/errors.js';
import { SchemaMigrator } from '../src/schema/schema-migrator.js';
import { MongoLink } from '../src/connection/mongo-link.js';
import { DEFAULT_MONGO_SETTINGS } from '../src/connection/mongo-settings.js';
import { ServerClock } from '../src/connection/server-clock.js';
import {
  aCommit,
  aNewActivity,
  anEvent,
  aRejectedRequest,
  NOW,
  recorded,
} from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';
import { OwnMongod } from './own-mongod.js';
import { until } from '@app/errors/testing';

const TEST_MS_MAX = 60_000;

Logger.overrideLogger(false);

function aSignal(id: string): Signal {
  return { id, kind: 'event', topic: 'paid', at: NOW };
}

/** The ids of the signals that an update appends. */
function signalsIn({ updates }: mongo.Document): ReadonlySet<unknown> {
  const [{ q }] = updates as [
    { readonly q: { readonly 'inbox.id': { readonly $nin: unknown[] } } },
  ];
  return new Set(q['inbox.id'].$nin);
}

function isUnavailable(settled: PromiseSettledResult<unknown>): boolean {
  return settled.status === 'rejected' && settled.reason instanceof StoreUnavailableError;
}

let mongod: OwnMongod;
let stores: MongoStores;

beforeAll(async () => {
  mongod = await OwnMongod.start();
}, TEST_MS_MAX);
afterAll(() => mongod.end(), TEST_MS_MAX);

beforeEach(() => {
  stores = new MongoStores({ url: mongod.url });
});
afterEach(() => stores.drop(), TEST_MS_MAX);

it(
  'starts without a server, refuses at once meanwhile, and makes the indexes when it comes',
  async () => {
    await mongod.stop();
    new SchemaMigrator(stores.link).start();

    await stores.link.open();
    const begun = stores.link.since;
    expect(stores.link.available).toBe(false);
    await expect(stores.activities.record(aNewActivity())).rejects.toThrow(StoreUnavailableError);

    await mongod.startAgain();
    await until(() => stores.link.available);
    expect(stores.link.since).toBeGreaterThan(begun);
    expect(await stores.activities.record(aNewActivity())).toEqual({ kind: 'recorded' });
    const { schema, collection } = stores.activityModel;
    // MongoDB's own of `_id` is not in the schema.
    const wanted = schema.indexes().length + 1;
    await until(async () => (await collection.indexes()).length === wanted);
  },
  TEST_MS_MAX,
);

it(
  'loses nothing that was recorded before a kill, and goes on by itself after it',
  async () => {
    await stores.open();
    const recorded: string[] = [];
    const stop = new AbortController();
    const writing = (async () => {
      for (let index = 0; !stop.signal.aborted; index += 1) {
        const activity = aNewActivity({ event: anEvent({ id: `${index}` }) });
        const outcome = await stores.activities.record(activity).catch((error: unknown) => error);
        if (!(outcome instanceof Error)) recorded.push(activity.id);
        else expect(outcome).toBeInstanceOf(StoreUnavailableError);
      }
    })();

    await until(() => recorded.length > 20);
    await mongod.kill();
    await until(() => !stores.link.available);
    const before = recorded.length;
    await mongod.startAgain();
    await until(() => recorded.length > before + 20);
    stop.abort();
    await writing;

    for (const id of recorded) expect(await stores.activities.get(id)).toBeDefined();
  },
  TEST_MS_MAX,
);

it(
  'notices a server that answers nothing, and finds it again when it does',
  async () => {
    await stores.open();
    const activity = aNewActivity();
    await stores.activities.record(activity);

    mongod.pause();
    const commit = stores.activities.commit(aCommit({ id: activity.id }));
    await expect(commit).rejects.toThrow(StoreUnavailableError);
    await until(() => !stores.link.available);
    await expect(stores.activities.get(activity.id)).rejects.toThrow(StoreUnavailableError);

    mongod.resume();
    await until(() => stores.link.available);
    const stored = await stores.activities.get(activity.id);
    expect([1, 2]).toContain(stored?.lockVersion);
    const { lockVersion = 0 } = stored ?? {};
    expect(await stores.activities.commit(aCommit({ id: activity.id, lockVersion }))).toBe(
      'committed',
    );
  },
  TEST_MS_MAX,
);

it(
  'refuses the signals behind a write without an answer, and has each once and in order when they come again',
  async () => {
    const url = new URL(mongod.url);
    url.searchParams.set('monitorCommands', 'true');
    stores = await new MongoStores({ url: url.href, operationMsMax: 500 }).open();
    const { id } = await recorded(stores.activities);
    const client = stores.link.connection.getClient();
    const sent: ReadonlySet<unknown>[] = [];
    client.on('commandStarted', ({ commandName, command }: mongo.CommandStartedEvent) => {
      if (commandName === 'update') sent.push(signalsIn(command));
    });
    const all = Array.from({ length: 600 }, (_, at) => aSignal(`${at}`));
    const signalAll = (): Promise<readonly PromiseSettledResult<string>[]> =>
      Promise.allSettled(all.map((one) => stores.activities.signal(id, one)));

    // From now on everything but writes is answered.
    await client.db('admin').command({ fsync: 1, lock: true });
    const refused = await signalAll();
    await client.db('admin').command({ fsyncUnlock: 1 });
    expect(refused.filter(isUnavailable)).toHaveLength(all.length);
    // Others might be written before it, and would wait as long.
    const first = all.slice(0, 256).map((one) => one.id);
    expect(sent.length).toBeGreaterThan(0);
    for (const signals of sent.splice(0)) expect([...signals]).toEqual(first);

    const again = await signalAll();
    expect(again.map(({ status }) => status)).toEqual(all.map(() => 'fulfilled'));
    expect(await stores.activities.get(id)).toMatchObject({ inbox: all });
  },
  TEST_MS_MAX,
);

it(
  'keeps rejected requests while there is no server, and writes them when there is one',
  async () => {
    await stores.open();
    await mongod.stop();
    await until(() => !stores.link.available);

    for (let index = 0; index < 20; index += 1) stores.rejectedRequests.add(aRejectedRequest());
    await stores.rejectedRequests.flush();
    await mongod.startAgain();
    await until(() => stores.link.available);

    // The first has a record of its own, the next nine share one, the rest another.
    const counts = async (): Promise<readonly (number | undefined)[]> => {
      const { activities } = await stores.activities.list({ limit: 10 });
      return activities.map(({ refusal }) => refusal?.count).toSorted();
    };
    await until(async () => (await counts()).length === 3);
    expect(await counts()).toEqual([1, 10, 9]);
    expect(stores.rejectedRequests.dropped).toBe(0);
  },
  TEST_MS_MAX,
);

it(
  'leaves leases that ran out while there was no server to their owners, and counts no takeover',
  async () => {
    await stores.open();
    const { clock } = stores.link;
    await stores.activities.record(aNewActivity({ wakeAt: clock.now() }));
    const claim = { limit: 1, leaseMs: 1_000 };
    await stores.activities.claimDue({ ...claim, now: clock.now(), owner: 'one' });
    const free = aNewActivity({ event: anEvent({ id: 'free' }), wakeAt: clock.now() });
    await stores.activities.record(free);
    await mongod.stop();
    await until(() => !stores.link.available);
    await mongod.startAgain();
    await until(() => stores.link.available);
    const { regainedAt = 0 } = stores.link;

    const soon = { ...claim, limit: 10, now: regainedAt + claim.leaseMs - 1, owner: 'another' };
    const taken = await stores.activities.claimDue(soon);
    expect(taken.map(({ id }) => id)).toEqual([free.id]);

    const now = regainedAt + claim.leaseMs;
    const [after] = await stores.activities.claimDue({ ...claim, now, owner: 'another' });
    expect(after).toMatchObject({ leaseOwner: 'another' });
    expect(after).not.toHaveProperty('takeovers');

    const later = now + claim.leaseMs;
    const [died] = await stores.activities.claimDue({ ...claim, now: later, owner: 'one' });
    expect(died).toMatchObject({ leaseOwner: 'one', takeovers: 1 });
  },
  TEST_MS_MAX,
);

it(
  'knows the time of the server, whatever the clock of this machine shows',
  async () => {
    await stores.open();
    const clock = new ServerClock(() => Date.now() - 3_600_000);
    const link = new MongoLink({ ...DEFAULT_MONGO_SETTINGS, url: mongod.url }, clock);
    await link.open();
    await until(() => link.available);

    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
    await link.close();
  },
  TEST_MS_MAX,
);
