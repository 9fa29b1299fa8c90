import { type mongo } from 'mongoose';
import { RESULTS } from '../src/activities/beside/results.schema.js';
import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { aCommit, aNewActivity, anEvent, aState, NOW } from '../src/testing/builders.js';
import { freshDatabaseUrl, MongoStores } from './mongo-stores.js';

const MANY = 40;
/** More than what is stored within an activity. */
const BESIDE_CHARS = 100_000;

let stores: MongoStores;
let queries: string[];

beforeAll(async () => {
  const url = new URL(freshDatabaseUrl());
  url.searchParams.set('monitorCommands', 'true');
  stores = await new MongoStores({ url: url.href }).open();
  const client = stores.link.connection.getClient();
  client.on('commandStarted', ({ commandName, command }: mongo.CommandStartedEvent) => {
    if (['find', 'getMore'].includes(commandName)) queries.push(String(command[commandName]));
  });
});
beforeEach(async () => {
  await stores.empty();
  queries = [];
});
afterAll(() => stores.drop());

async function recorded(): Promise<readonly string[]> {
  const all = Array.from({ length: MANY }, (_, at) =>
    aNewActivity({ event: anEvent({ id: `e${at}` }) }),
  );
  await Promise.all(all.map((one) => stores.activities.record(one)));
  return all.map(({ id }) => id);
}

async function giveResults(id: string, text: string): Promise<void> {
  const task = { status: 'succeeded', attempt: 1, startedAt: NOW, endedAt: NOW } as const;
  const state = aState({ tasks: { one: { ...task, results: { text } } } });
  const outcome = await stores.activities.commit(aCommit({ id, lockVersion: 1, state }));
  expect(outcome).toBe('committed');
}

const get = (id: string): ReturnType<typeof stores.activities.get> => stores.activities.get(id);

it('asks MongoDB once for all that are wanted at the same moment', async () => {
  const ids = await recorded();
  queries = [];

  const found = await Promise.all([...ids, ...ids.slice(0, 3), 'nowhere'].map(get));

  expect(found.map((one) => one?.id)).toEqual([...ids, ...ids.slice(0, 3), undefined]);
  expect(queries).toEqual([ACTIVITIES]);
});

it('asks once more for all that lies beside them', async () => {
  const ids = await recorded();
  const texts = ids.map((id) => id.repeat(BESIDE_CHARS / id.length));
  await Promise.all(ids.map((id, at) => giveResults(id, texts[at] ?? '')));
  queries = [];

  const found = await Promise.all(ids.map(get));

  expect(found.map((one) => one?.state?.tasks['one'])).toMatchObject(
    texts.map((text) => ({ results: { text } })),
  );
  expect(queries).toHaveLength(2);
});

it('fails for those alone that want what cannot be read', async () => {
  const [broken = '', ...whole] = await recorded();
  await giveResults(broken, 'x'.repeat(BESIDE_CHARS));
  await stores.link.run('lose results', (db) => db.collection(RESULTS).deleteMany({}));

  const read = Promise.allSettled([broken, ...whole].map(get));

  const [first, ...others] = await read;
  expect(first).toMatchObject({ status: 'rejected', reason: { code: 'ACTIVITY_INCOMPLETE' } });
  expect(others.map(({ status }) => status)).toEqual(whole.map(() => 'fulfilled'));
});
