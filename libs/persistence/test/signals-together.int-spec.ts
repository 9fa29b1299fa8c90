import { jest } from '@jest/globals';
import { type Signal } from '@app/workflow-engine';
import { type mongo } from 'mongoose';
import { StoreUnavailableError } from '../src/errors.js';
import { NOW, recorded } from '../src/testing/builders.js';
import { freshDatabaseUrl, MongoStores } from './mongo-stores.js';

const MIB = 1024 ** 2;
const MANY = 500;

let stores: MongoStores;
let updates: number;

beforeAll(async () => {
  const url = new URL(freshDatabaseUrl());
  url.searchParams.set('monitorCommands', 'true');
  stores = await new MongoStores({ url: url.href }).open();
  const client = stores.link.connection.getClient();
  client.on('commandStarted', ({ commandName }: mongo.CommandStartedEvent) => {
    if (commandName === 'update') updates += 1;
  });
});
beforeEach(async () => {
  await stores.empty();
  updates = 0;
});
afterAll(() => stores.drop());

function signal(id: string, topic = 'paid'): Signal {
  return { id, kind: 'event', topic, at: NOW };
}

it('writes an activity once for hundreds of signals that come together', async () => {
  const { id } = await recorded(stores.activities);

  const all = Array.from({ length: MANY }, (_, at) => signal(`${at}`));
  await Promise.all(all.map((one) => stores.activities.signal(id, one)));

  // 256 go with one write.
  expect(updates).toBe(2);
  expect(await stores.activities.get(id)).toMatchObject({ inbox: all, lockVersion: 3 });
});

it('writes and looks once more for those of which one is there', async () => {
  const { id } = await recorded(stores.activities);
  await stores.activities.signal(id, signal('7'));
  updates = 0;

  const all = Array.from({ length: 100 }, (_, at) => signal(`${at}`));
  await Promise.all(all.map((one) => stores.activities.signal(id, one)));

  expect(updates).toBe(2);
});

it('tells all that MongoDB did not answer, and takes them when they come again', async () => {
  const { id } = await recorded(stores.activities);
  const all = [signal('1'), signal('2'), signal('3')];
  const signalAll = (): Promise<readonly PromiseSettledResult<unknown>[]> =>
    Promise.allSettled(all.map((one) => stores.activities.signal(id, one)));

  const run = jest.spyOn(stores.link, 'run');
  run.mockRejectedValueOnce(new StoreUnavailableError('signal an activity'));
  const settled = await signalAll();
  run.mockRestore();

  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(updates).toBe(0);
  await signalAll();
  expect(await stores.activities.get(id)).toMatchObject({ inbox: all });
});

it('appends those that fit, when together they are too large for the activity', async () => {
  const { id } = await recorded(stores.activities);
  await stores.activities.signal(id, signal('first', 'x'.repeat(9 * MIB)));

  const both = ['second', 'third'].map((one) => signal(one, 'x'.repeat(4 * MIB)));
  const settled = await Promise.allSettled(both.map((one) => stores.activities.signal(id, one)));

  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  const { inbox = [] } = (await stores.activities.get(id)) ?? {};
  expect(inbox.map((one) => one.id)).toEqual(['first', 'second']);
});
