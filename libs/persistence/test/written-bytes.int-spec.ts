import { mongo } from 'mongoose';
import { type ActivityState, type TaskState } from '@app/workflow-engine';
import { aCommit, aNewActivity, anEvent, aState, NOW } from '../src/testing/builders.js';
import { freshDatabaseUrl, MongoStores } from './mongo-stores.js';

const RESULT_CHARS = 100_000;
/** Hundreds of durable writes, one after the other: on a slow disk they take what they take. */
const WRITES_MS_MAX = 60_000;
/** Of our own structure, in what each write of a run says. */
const FRAME_BYTES_MAX = 4_096;

let stores: MongoStores;
let sent: { readonly name: string; readonly into: string; readonly bytes: number }[];

beforeAll(async () => {
  const url = new URL(freshDatabaseUrl());
  url.searchParams.set('monitorCommands', 'true');
  stores = await new MongoStores({ url: url.href }).open();
  const client = stores.link.connection.getClient();
  client.on('commandStarted', ({ commandName: name, command }: mongo.CommandStartedEvent) => {
    const document = command;
    const bytes = mongo.BSON.calculateObjectSize(document);
    sent.push({ name, into: String(document[name]), bytes });
  });
});
beforeEach(async () => {
  sent = [];
  await stores.empty();
  sent = [];
});
afterAll(() => stores.drop());

function over(text: string): TaskState {
  return { status: 'succeeded', attempt: 1, startedAt: NOW, endedAt: NOW + 1, results: { text } };
}

function bytesSent(): number {
  const writes = sent.filter(({ name }) => name === 'insert' || name === 'update');
  return writes.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A run of so many tasks with large results, one after the other, each with a renewal of the lease. */
async function run(tasks: number, publishes: boolean): Promise<ActivityState> {
  const { id } = await recordedEvent(`${tasks} ${publishes}`);
  const names = Array.from({ length: tasks }, (_, at) => `task-${at}`);
  const pending = names.map((name) => [name, { status: 'pending' }] as const);
  let state = aState({ tasks: Object.fromEntries(pending) });
  let lockVersion = 1;
  const commit = async (next: ActivityState): Promise<void> => {
    const before = lockVersion === 1 ? undefined : state;
    const lease = { wakeAt: NOW, leaseOwner: 'me', leaseMs: 1_000 };
    const outcome = await stores.activities.commit(
      aCommit({ id, lockVersion, state: next, before, ...lease }),
    );
    expect(outcome).toBe('committed');
    state = next;
    lockVersion += 1;
  };
  for (const [at, name] of names.entries()) {
    const running = { status: 'running', attempt: 1, keyAttempt: 1, startedAt: NOW } as const;
    await commit({ ...state, tasks: { ...state.tasks, [name]: running } });
    await commit(state);
    const text = `${at} ${'x'.repeat(publishes ? 10 : RESULT_CHARS)}`;
    const results = publishes
      ? { ...state.results, [name]: `${at} ${'y'.repeat(RESULT_CHARS)}` }
      : state.results;
    await commit({ ...state, results, tasks: { ...state.tasks, [name]: over(text) } });
  }
  expect((await stores.activities.get(id))?.state).toEqual(state);
  return state;
}

async function recordedEvent(eventId: string): Promise<{ readonly id: string }> {
  const activity = aNewActivity({ event: anEvent({ id: eventId }) });
  await stores.activities.record(activity);
  return activity;
}

describe('what a run sends to MongoDB', () => {
  it.each([
    ['of its tasks', false],
    ['of the whole run', true],
  ])(
    'grows with its large results %s, and with nothing else',
    async (_, publishes) => {
      const sizes: Record<number, number> = {};
      for (const tasks of [5, 10, 20, 40]) {
        sent = [];
        await run(tasks, publishes);
        sizes[tasks] = bytesSent();
      }

      for (const tasks of [5, 10, 20, 40]) {
        const results = tasks * RESULT_CHARS;
        const frames = (3 * tasks + 1) * (FRAME_BYTES_MAX + tasks * 40);
        expect({ tasks, isLinear: (sizes[tasks] ?? 0) <= results + frames }).toEqual({
          tasks,
          isLinear: true,
        });
      }
    },
    WRITES_MS_MAX,
  );

  it('is the lease alone when it is renewed, and the signal alone when one comes', async () => {
    const state = await run(20, false);
    const { id } = aNewActivity({ event: anEvent({ id: '20 false' }) });
    const lockVersion = 61;
    const lease = { wakeAt: NOW, leaseOwner: 'me', leaseMs: 1_000 };

    sent = [];
    await stores.activities.commit(aCommit({ id, lockVersion, state, before: state, ...lease }));
    expect(bytesSent()).toBeLessThan(1_024);
    sent = [];
    const event = { id: 'e', kind: 'event', topic: 'paid', payload: 'x', at: NOW } as const;
    await stores.activities.signal(id, event);
    // The update that takes several signals at once is a pipeline of its own size.
    expect(bytesSent()).toBeLessThan(1_536);
    sent = [];
    const kept: ActivityState = { ...state, taken: ['e'], early: [event] };
    const commit = { state: kept, before: state, signals: ['e'], ...lease };
    await stores.activities.commit(aCommit({ id, lockVersion: lockVersion + 2, ...commit }));
    expect(bytesSent()).toBeLessThan(FRAME_BYTES_MAX);
    expect((await stores.activities.get(id))?.state).toEqual(kept);
  });

  it('is one insert and one update of the activity, when it is small', async () => {
    const { id } = await recordedEvent('small');
    const tasks = { start: over('start'), call: over('answer'), end: over('end') };
    await stores.activities.commit(
      aCommit({ id, state: aState({ tasks, status: 'succeeded', endedAt: NOW }) }),
    );

    expect(sent.map(({ name, into }) => `${name} ${into}`)).toEqual([
      'insert activities',
      'update activities',
    ]);
  });
});
