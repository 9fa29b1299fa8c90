import { ACTIVITIES } from '../src/activities/stored/activity.schema.js';
import { waitKeyOf } from '../src/correlated-events/wait-key.js';
import {
  aCommit,
  aCorrelatedEvent,
  aNewActivity,
  anEvent,
  aState,
  NOW,
  waitingForEvents,
} from '../src/testing/builders.js';
import { MongoStores } from './mongo-stores.js';
import { expectFrugal, profiled, type Profiled } from './profiler.js';

const MINUTE_MS = 60_000;
const LIMIT = 20;

let stores: MongoStores;

beforeAll(async () => {
  stores = await new MongoStores().open();
});
afterAll(() => stores.drop());

function profile(
  work: () => Promise<unknown>,
  collection = ACTIVITIES,
): Promise<readonly Profiled[]> {
  return profiled(stores.db, work, collection);
}

describe('an event for what waits by its key', () => {
  const PAID = waitKeyOf('paid', 'order-7');

  it('finds the waits by their index, among many', async () => {
    const ids = Array.from({ length: 300 }, (_, at) => `waiting-${at}`);
    for (const [at, id] of ids.entries()) {
      const event = anEvent({ id });
      await stores.activities.record(aNewActivity({ id, workflowId: 'busy', event }));
      const state = waitingForEvents(['paid', `order-${at % 100}`]);
      await stores.activities.commit(aCommit({ id, state, wakeAt: NOW + 60 * MINUTE_MS }));
    }

    const commands = await profile(async () => {
      expect(await stores.activities.waitingFor('busy', PAID, LIMIT)).toHaveLength(3);
    });

    expectFrugal(commands);
  });

  it('costs what does not wait no key', async () => {
    const id = 'never-waits';
    await stores.activities.record(aNewActivity({ id, event: anEvent({ id }) }));
    const wakeAt = NOW + 60 * MINUTE_MS;
    const [waiting] = await profile(() =>
      stores.activities.commit(
        aCommit({ id, state: waitingForEvents(['paid', 'order-7']), wakeAt }),
      ),
    );
    const [gone] = await profile(() =>
      stores.activities.commit(aCommit({ id, lockVersion: 2, state: aState(), wakeAt })),
    );
    const [never] = await profile(() =>
      stores.activities.commit(aCommit({ id, lockVersion: 3, state: aState(), wakeAt })),
    );

    // Beside the one of `open`, whose status changes.
    expect([waiting?.keysInserted, gone?.keysInserted, gone?.keysDeleted]).toEqual([2, 1, 2]);
    expect([never?.keysInserted ?? 0, never?.keysDeleted ?? 0]).toEqual([0, 0]);
  });

  it('is kept, looked for, counted and taken by indexes', async () => {
    for (let at = 0; at < 400; at += 1) {
      const correlationKey = `order-${at % 100}`;
      await stores.correlatedEvents.add(
        aCorrelatedEvent({ id: `kept-${at}`, workflowId: 'busy', correlationKey }),
        NOW + 60 * MINUTE_MS,
      );
    }
    const collection = 'correlated_events';

    const commands = await profile(async () => {
      await stores.correlatedEvents.pending('busy', PAID, LIMIT);
      await stores.correlatedEvents.claim('kept-7', ['a']);
      await stores.correlatedEvents.resume('kept-7');
      await stores.correlatedEvents.finish('kept-7', ['a'], NOW + 60 * MINUTE_MS);
      await stores.correlatedEvents.get('kept-7');
      await stores.correlatedEvents.withdraw('kept-107');
    }, collection);
    expectFrugal(commands);

    const [count] = await profile(() => stores.correlatedEvents.held('busy', 100), collection);
    expectFrugal(count ? [count] : [], 101);
    expect(count?.docsExamined).toBe(0);
  });
});
