import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { type CloudEvent } from '@app/events';
import { type JsonValue } from '@app/json';
import { ACTIVITIES } from '../src/activities/activity.schema.js';
import { toFilter } from '../src/activities/activity-list.js';
import { INBOX_MAX } from '../src/activities/inbox.js';
import {
  ActivityInboxFullError,
  StoreUnavailableError,
  StoreWriteRefusedError,
} from '../src/errors.js';
import { RecordWriter } from '../src/activities/record-writer.js';
import { toDocument } from '../src/activities/activity-mapping.js';
import {
  NOW,
  aCommit,
  aNewActivity,
  aRefusal,
  aState,
  anEvent,
  jsonData,
  recorded,
  succeeded,
} from '../src/testing/builders.js';
import { MongoStores, RETENTION_DAYS } from './mongo-stores.js';

const DAY_MS = 86_400_000;

/** A mongod that is not ours looks for what has expired once a minute. */
const TTL_PASS_MS_MAX = 150_000;

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
  const value = JSON.parse(text) as JsonValue;
  return anEvent({ id: `${index}`, data: { kind: 'json', text, value } });
}

describe('what users made', () => {
  it('comes back as it was, whatever its keys, and hurts nobody in its batch', async () => {
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

  it('tells of a conflict although it can not be counted', async () => {
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
  it('has a bound, and goes on taking signals once it is emptied', async () => {
    const { id } = await recorded(stores.activities);
    const inbox = Array.from({ length: INBOX_MAX }, (_, index) => ({ id: `${index}` }));
    await stores.activityModel.updateOne({ _id: id }, { inbox });
    const signal = { id: 'one more', kind: 'cancel', reason: 'a test', at: NOW } as const;

    await expect(stores.activities.signal(id, signal)).rejects.toThrow(ActivityInboxFullError);
    expect(await stores.activities.signal(id, { ...signal, id: '0' })).toBe('duplicate');

    await stores.activities.commit(aCommit({ id }));
    expect(await stores.activities.signal(id, signal)).toBe('appended');
  });
});

describe('retention', () => {
  it('begins with the end of an activity', async () => {
    const { id } = await recorded(stores.activities);
    const expiry = async (): Promise<Date | undefined> =>
      (await stores.activityModel.findById(id).lean())?.expiresAt;

    expect(await expiry()).toBeUndefined();
    await stores.activities.commit(aCommit({ id, state: succeeded() }));

    expect(await expiry()).toEqual(new Date(NOW + 1 + RETENTION_DAYS * DAY_MS));
  });

  it('begins with the last refusal', async () => {
    stores.refusals.add(aRefusal());
    stores.refusals.add(aRefusal({ at: NOW + 10 }));
    await stores.refusals.flush();

    const found = await stores.activityModel.findOne().lean();

    expect(found?.expiresAt).toEqual(new Date(NOW + 10 + RETENTION_DAYS * DAY_MS));
  });
});

describe('what has expired', () => {
  it(
    'is deleted by MongoDB, and nothing else is',
    async () => {
      const LONG_AGO = Date.UTC(2020, 0, 2, 3, 4, 5);
      const [expired, kept, open] = await Promise.all([
        recorded(stores.activities, 'expired', LONG_AGO, LONG_AGO),
        recorded(stores.activities, 'kept'),
        recorded(stores.activities, 'open', LONG_AGO, LONG_AGO),
      ]);
      const ended = aState({ status: 'succeeded', startedAt: LONG_AGO, endedAt: LONG_AGO });
      await stores.activities.commit(aCommit({ id: expired.id, state: ended }));
      await stores.activities.commit(aCommit({ id: kept.id, state: succeeded() }));

      while ((await stores.activities.get(expired.id)) !== undefined) await sleep(100);

      expect(await stores.activities.get(kept.id)).toBeDefined();
      expect(await stores.activities.get(open.id)).toBeDefined();
    },
    TTL_PASS_MS_MAX,
  );
});

describe('indexes', () => {
  it('are the ones that the design lists', async () => {
    const indexes = await stores.activityModel.collection.indexes();

    expect(indexes.map(({ name }) => name).sort()).toEqual(
      ['_id_', 'by_status', 'by_workflow', 'due', 'retention'].sort(),
    );
  });

  it('hold only what is not final, and let MongoDB delete what has expired', async () => {
    const indexes = await stores.activityModel.collection.indexes();
    const named = (index: string): unknown => indexes.find(({ name }) => name === index);

    expect(named('due')).toMatchObject({
      partialFilterExpression: { wakeAt: { $exists: true } },
    });
    expect(named('retention')).toMatchObject({
      expireAfterSeconds: 0,
      partialFilterExpression: { expiresAt: { $exists: true } },
    });
  });

  it.each([
    ['by_workflow', { workflowId: 'workflow-1' }],
    ['by_status', { status: 'failed' as const }],
    ['by_status', {}],
  ])('%s serves the list of %j in order, without sorting', async (index, query) => {
    for (let i = 0; i < 20; i += 1) await recorded(stores.activities, `${i}`);
    const { nextCursor = '' } = await stores.activities.list({ limit: 5 });

    for (const cursor of [undefined, nextCursor]) {
      const filter = toFilter({ ...query, limit: 5, ...(cursor !== undefined && { cursor }) });
      const plan = JSON.stringify(
        await stores.link.connection
          .getClient()
          .db()
          .collection(ACTIVITIES)
          .find(filter as object)
          .sort({ createdAt: -1, _id: -1 })
          .limit(6)
          .explain('queryPlanner'),
      );
      const winner = plan.slice(plan.indexOf('winningPlan'), plan.indexOf('rejectedPlans'));
      expect(winner).toContain(`"indexName":"${index}"`);
      expect(winner).not.toContain('"stage":"SORT"');
      expect(winner).not.toContain('COLLSCAN');
    }
  });

  it('due serves the sweeper', async () => {
    await recorded(stores.activities);

    const plan = JSON.stringify(
      await stores.activityModel
        .find({ wakeAt: { $lte: new Date(NOW) } })
        .sort({ wakeAt: 1 })
        .explain('queryPlanner'),
    );

    expect(plan).toContain('"indexName":"due"');
    expect(plan).not.toContain('"stage":"SORT"');
  });
});
