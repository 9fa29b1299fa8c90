import { jest } from '@jest/globals';
import { type CloudEvent } from '@app/events';
import { type JsonValue, parseJson } from '@app/json';
import { INBOX_MAX } from '../src/activities/writing/inbox.js';
import {
  ActivityInboxFullError,
  StoreUnavailableError,
  StoreWriteRefusedError,
} from '../src/errors.js';
import { RecordWriter } from '../src/activities/writing/record-writer.js';
import { toDocument } from '../src/activities/stored/activity-mapping.js';
import {
  NOW,
  aCommit,
  aNewActivity,
  aState,
  anEvent,
  jsonData,
  recorded,
} from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';

/** Texts, because some of these keys mean something in a JavaScript literal too. */
const POISON: readonly string[] = [
  '{"_bsontype":"ObjectId","id":"x"}',
  '{"nested":{"_bsontype":"Long"}}',
  '{"$ref":"workflows","$id":"1","$db":"admin"}',
  '{"$set":{"status":"succeeded"},"$where":"1"}',
  '{"a.b":1,"":2,".":3,"$":4}',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":1}}',
  '{"with \\u0000 inside":"\\u0000"}',
  '{"b":1,"a":2,"10":3,"9":4}',
  '[1.10,1e400,12345678901234567890,-0]',
  '"\\ud800 alone"',
  `${'{"k":'.repeat(60)}null${'}'.repeat(60)}`,
];

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
beforeEach(async () => {
  await stores.empty();
  stores.batches.length = 0;
});
afterAll(() => stores.drop());

function poisonedEvent(text: string, index: number): CloudEvent {
  const value = parseJson(text);
  return anEvent({ id: `${index}`, data: { kind: 'json', text, value } });
}

describe('a lease', () => {
  const LEASE_MS = 30_000;
  const AN_HOUR_MS = 3_600_000;

  async function expectWholeLease(id: string, from: number): Promise<void> {
    const { wakeAt = 0 } = (await stores.activities.get(id)) ?? {};
    // Both clocks are this machine's here; MongoDB's ticks in milliseconds.
    expect(wakeAt).toBeGreaterThanOrEqual(from + LEASE_MS - 1);
  }

  it('of a driver whose clock is slow lasts all its time by the clock of the server', async () => {
    const { id } = await recorded(stores.activities);
    const from = Date.now();
    const lease = { wakeAt: from - AN_HOUR_MS, leaseOwner: 'me', leaseMs: LEASE_MS };
    await stores.activities.commit(aCommit({ id, ...lease }));

    await expectWholeLease(id, from);
  });

  it('of a sweeper whose clock is slow does, too', async () => {
    const activity = aNewActivity({ wakeAt: Date.now() - 2 * AN_HOUR_MS });
    await stores.activities.record(activity);
    const from = Date.now();
    const claim = { now: from - AN_HOUR_MS, limit: 1, leaseMs: LEASE_MS, owner: 'me' };

    expect(await stores.activities.claimDue(claim)).toHaveLength(1);
    await expectWholeLease(activity.id, from);
  });
});

describe('what users made', () => {
  it('comes back as it was, whatever its keys, and affects nobody in its batch', async () => {
    const events = POISON.map(poisonedEvent);
    const activities = events.map((event) => aNewActivity({ event }));

    const outcomes = await Promise.all(activities.map((one) => stores.activities.record(one)));

    expect(outcomes.every(({ kind }) => kind === 'recorded')).toBe(true);
    expect(stores.batches).toMatchObject([{ operation: 'record', items: POISON.length }]);
    for (const { id, event } of activities) {
      expect((await stores.activities.get(id))?.event).toEqual(event);
    }
    expect({}).not.toHaveProperty('polluted');
  });

  it('comes back as it was in results too', async () => {
    const values = POISON.map((text) => JSON.parse(text) as JsonValue);
    const state = aState({
      results: { values },
      tasks: {
        _bsontype: {
          status: 'succeeded',
          attempt: 1,
          startedAt: 1,
          endedAt: 2,
          results: { values },
        },
      },
    });
    const poisoned = await recorded(stores.activities, 'poisoned');
    const neighbour = await recorded(stores.activities, 'neighbour');

    const outcomes = await Promise.all(
      [aCommit({ id: poisoned.id, state }), aCommit({ id: neighbour.id })].map((commit) =>
        stores.activities.commit(commit),
      ),
    );

    expect(outcomes).toEqual(['committed', 'committed']);
    const stored = (await stores.activities.get(poisoned.id))?.state;
    expect(stored).toEqual(JSON.parse(JSON.stringify(state)));
    expect(JSON.stringify(stored?.results)).toBe(JSON.stringify(state.results));
  });

  it('keeps text and bytes as they are', async () => {
    const text = anEvent({ id: 't', data: { kind: 'text', text: 'ä\u0000€' } });
    const bytes = Uint8Array.from([0, 1, 254, 255]);
    const binary = anEvent({ id: 'b', data: { kind: 'binary', bytes } });

    for (const event of [text, binary]) {
      const activity = aNewActivity({ event });
      await stores.activities.record(activity);
      expect((await stores.activities.get(activity.id))?.event).toEqual(event);
      expect(await stores.activities.record(activity)).toMatchObject({ kind: 'duplicate' });
    }
  });

  it('is text in the document, beside structure that can be read and queried', async () => {
    const event = anEvent({ data: jsonData({ a: { b: 1 } }), extensions: { level: 3 } });
    const activity = aNewActivity({ event });
    await stores.activities.record(activity);
    await stores.activities.commit(
      aCommit({
        id: activity.id,
        state: aState({ results: { r: [1] }, tasks: { one: { status: 'pending' } } }),
      }),
    );

    const found = await stores.activityModel.collection.findOne({ 'event.id': 'event-1' });

    expect(found).toMatchObject({
      createdAt: new Date(NOW),
      event: { dataKind: 'json', data: '{"a":{"b":1}}', extensions: { level: 3 } },
      run: { startedAt: NOW, results: { json: '{"r":[1]}' } },
      tasks: [{ name: 'one', status: 'pending' }],
    });
  });
});

describe('a batch', () => {
  it('loses only the item that MongoDB refuses', async () => {
    const writer = new RecordWriter(stores.link);
    const good = toDocument(aNewActivity({ event: anEvent({ id: 'good' }) }));
    const bad = { ...good, _id: ['arrays are no ids'] as unknown as string };

    const outcomes = await writer.write([bad, good]);

    expect(outcomes[0]).toMatchObject({ reason: expect.any(StoreWriteRefusedError) as unknown });
    expect(outcomes[1]).toEqual({ status: 'fulfilled', value: { kind: 'recorded' } });
  });

  it('tells of a conflict although it cannot be counted', async () => {
    const first = aNewActivity();
    await stores.activities.record(first);
    const { link } = stores;
    const run = link.run.bind(link);
    const spy = jest.spyOn(link, 'run').mockImplementation(async (operation, work) => {
      if (operation === 'count conflicts') throw new StoreUnavailableError(operation);
      return run(operation, work);
    });

    const other = aNewActivity({ event: anEvent({ type: 'io.example.other.v1' }) });
    expect(await stores.activities.record(other)).toEqual({ kind: 'conflict' });

    spy.mockRestore();
  });

  it('is shared by all who write at the same moment', async () => {
    const events = Array.from({ length: 600 }, (_, index) => anEvent({ id: `${index}` }));

    await Promise.all(events.map((event) => stores.activities.record(aNewActivity({ event }))));

    expect(stores.batches.map(({ items }) => items)).toEqual([256, 256, 88]);
  });
});

describe('an inbox', () => {
  it('has a bound, and goes on taking signals once one of them is taken', async () => {
    const { id } = await recorded(stores.activities);
    const inbox = Array.from({ length: INBOX_MAX }, (_, index) => ({ id: `${index}` }));
    await stores.activityModel.updateOne({ _id: id }, { inbox });
    const signal = { id: 'one more', kind: 'cancel', reason: 'a test', at: NOW } as const;

    await expect(stores.activities.signal(id, signal)).rejects.toThrow(ActivityInboxFullError);
    expect(await stores.activities.signal(id, { ...signal, id: '0' })).toBe('duplicate');

    await stores.activities.commit(aCommit({ id, signals: ['0'] }));
    expect(await stores.activities.signal(id, signal)).toBe('appended');
  });
});
