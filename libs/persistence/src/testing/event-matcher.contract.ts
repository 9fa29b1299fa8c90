import { type ActivityStore } from '../activities/activity-store.js';
import { type CorrelatedEventStore } from '../correlated-events/correlated-event-store.js';
import { EventMatcher, type EventMatcherSettings } from '../correlated-events/event-matcher.js';
import {
  aCommit,
  aCorrelatedEvent,
  aNewActivity,
  anEvent,
  aState,
  NOW,
  waitingForEvents,
} from './builders.js';

interface Stores {
  readonly events: CorrelatedEventStore;
  readonly activities: ActivityStore;
}

const SETTINGS: EventMatcherSettings = {
  keptMax: 3,
  keptBytesMax: 100_000,
  keptMs: 60_000,
  repeatsMs: 60_000,
  matchesMax: 3,
};

/** What a matcher does on any stores; `theStores` gives empty ones. */
export function describeEventMatcher(name: string, theStores: () => Stores): void {
  const matcher = (settings: Partial<EventMatcherSettings> = {}, stores = theStores()) =>
    new EventMatcher(stores.events, stores.activities, () => NOW, { ...SETTINGS, ...settings });
  const serve = () => matcher().serve('workflow-1', 'paid', 'order-1');

  /** Stores an activity that waits for an event. */
  async function begin(id: string, workflowId = 'workflow-1'): Promise<void> {
    await theStores().activities.record(aNewActivity({ id, workflowId, event: anEvent({ id }) }));
    await wait(id, 1);
  }
  async function wait(id: string, lockVersion: number): Promise<void> {
    const state = waitingForEvents(['paid', 'order-1']);
    await theStores().activities.commit(aCommit({ id, lockVersion, state, wakeAt: NOW }));
  }
  const inbox = async (id: string) =>
    ((await theStores().activities.get(id))?.inbox ?? []).map((signal) => signal.id);

  describe(`the matcher on ${name}`, () => {
    it('signals all waiting activities once, with the content of the event', async () => {
      await begin('a');
      await begin('b');
      await begin('foreign', 'workflow-2');
      const told: string[] = [];
      const first = matcher();
      first.subscribe((activity) => told.push(activity));
      const attributes = { type: 'paid', size: 7 };
      const event = aCorrelatedEvent({ outcome: 'failed', attributes });

      const match = { kind: 'signalled', activities: ['a', 'b'] };
      expect(await first.match(event)).toEqual({ ...match, replayed: false });
      expect(await first.match(event)).toEqual({ ...match, replayed: true });

      expect(told).toEqual(['a', 'b']);
      expect((await theStores().activities.get('a'))?.inbox).toMatchObject([
        {
          kind: 'event',
          topic: 'paid',
          correlationKey: 'order-1',
          outcome: 'failed',
          payload: { sum: 12 },
          attributes,
        },
      ]);
      expect(await inbox('b')).toHaveLength(1);
      expect(await inbox('foreign')).toEqual([]);
    });

    it('keeps an early event for the first wait, and for no other', async () => {
      expect(await matcher().match(aCorrelatedEvent())).toEqual({
        kind: 'kept',
        until: NOW + 60_000,
        replayed: false,
      });
      await begin('a');
      await serve();
      await begin('b');
      await serve();

      expect(await inbox('a')).toEqual(['event:event-1']);
      expect(await inbox('b')).toEqual([]);
      expect(await matcher().match(aCorrelatedEvent())).toMatchObject({
        kind: 'signalled',
        activities: ['a'],
        replayed: true,
      });
    });

    it('gives each of several waits the next of several events', async () => {
      for (const [at, id] of ['1', '2', '3'].entries())
        await matcher().match(aCorrelatedEvent({ id, at: NOW + at }));
      for (const id of ['a', 'b']) {
        await begin(id);
        await serve();
      }

      expect(await inbox('a')).toEqual(['event:1']);
      expect(await inbox('b')).toEqual(['event:2']);
      expect(await theStores().events.get('3')).toMatchObject({ status: 'kept' });
    });

    it('matches a wait and an event that come at once', async () => {
      await Promise.all(
        Array.from({ length: 20 }, async (_, at) => {
          const key = `order-${at}`;
          const id = `run-${at}`;
          await theStores().activities.record(aNewActivity({ id, event: anEvent({ id }) }));
          const state = waitingForEvents(['paid', key]);
          const begun = theStores()
            .activities.commit(aCommit({ id, state, wakeAt: NOW }))
            .then(() => matcher().serve('workflow-1', 'paid', key));
          const event = aCorrelatedEvent({ id: `e-${at}`, correlationKey: key });
          await Promise.all([begun, matcher({ keptMax: 100 }).match(event)]);
          expect(await inbox(id)).toEqual([`event:e-${at}`]);
        }),
      );
    });

    it('resumes an interrupted delivery, and signals no activity twice', async () => {
      await begin('a');
      await begin('b');
      const { events, activities } = theStores();
      const breaking: Pick<ActivityStore, 'waitingFor' | 'signal'> = {
        waitingFor: (...of) => activities.waitingFor(...of),
        signal: async (id, signal) => {
          if (id === 'b') throw new Error('killed');
          return activities.signal(id, signal);
        },
      };
      const killed = new EventMatcher(events, breaking, () => NOW, SETTINGS);
      await expect(killed.match(aCorrelatedEvent())).rejects.toThrow('killed');
      const signal = (await activities.get('a'))?.inbox[0]?.id ?? '';
      // The activity has taken the event and waits for the next one.
      const state = { ...waitingForEvents(['paid', 'order-1']), taken: [signal] };
      await activities.commit(
        aCommit({ id: 'a', lockVersion: 3, state, signals: [signal], wakeAt: NOW }),
      );

      expect(await matcher().match(aCorrelatedEvent())).toEqual({
        kind: 'signalled',
        activities: ['a', 'b'],
        replayed: true,
      });
      expect(await inbox('a')).toEqual([]);
      expect(await inbox('b')).toEqual(['event:event-1']);
    });

    it('keeps the event of a wait that ended before the signal', async () => {
      await begin('a');
      const { events, activities } = theStores();
      let isOver = false;
      const late: Pick<ActivityStore, 'waitingFor' | 'signal'> = {
        waitingFor: async (...of) => {
          const waiting = await activities.waitingFor(...of);
          if (!isOver)
            await activities.commit(
              aCommit({ id: 'a', lockVersion: 2, state: aState(), wakeAt: NOW }),
            );
          isOver = true;
          return waiting;
        },
        signal: (...of) => activities.signal(...of),
      };
      const match = await new EventMatcher(events, late, () => NOW, SETTINGS).match(
        aCorrelatedEvent(),
      );

      expect(match).toMatchObject({ kind: 'kept' });
      await begin('b');
      await serve();
      expect(await inbox('b')).toEqual(['event:event-1']);
    });

    it('keeps an event that was given to a wait which has ended before anybody signalled it', async () => {
      await begin('a');
      const { events } = theStores();
      await events.add(aCorrelatedEvent(), NOW + 60_000);
      await events.claim('event-1', ['a']);
      // The process that claimed it dies, and the wait times out.
      await theStores().activities.commit(
        aCommit({ id: 'a', lockVersion: 2, state: aState(), wakeAt: NOW }),
      );

      expect(await matcher().match(aCorrelatedEvent())).toMatchObject({ kind: 'kept' });
      await begin('b');
      await serve();
      expect(await inbox('b')).toEqual(['event:event-1']);
    });

    it('takes an event for delivered if the run that it was given to has ended', async () => {
      await begin('a');
      const { events, activities } = theStores();
      await events.add(aCorrelatedEvent(), NOW + 60_000);
      await events.claim('event-1', ['a']);
      await activities.commit(
        aCommit({ id: 'a', lockVersion: 2, state: aState({ status: 'succeeded', endedAt: NOW }) }),
      );
      await begin('b');

      expect(await matcher().match(aCorrelatedEvent())).toMatchObject({ activities: ['a'] });
      expect(await inbox('b')).toEqual([]);
    });

    it('signals no more activities than its bound', async () => {
      for (const id of ['a', 'b', 'c', 'd']) await begin(id);

      expect(await matcher().match(aCorrelatedEvent())).toMatchObject({
        activities: ['a', 'b', 'c'],
      });
    });

    it('keeps no more events than its bounds, by number and by bytes', async () => {
      for (const id of ['1', '2', '3']) await matcher().match(aCorrelatedEvent({ id }));
      expect(await matcher().match(aCorrelatedEvent({ id: '4' }))).toEqual({ kind: 'full' });
      expect(await theStores().events.get('4')).toBeUndefined();
      const other = aCorrelatedEvent({ id: '5', workflowId: 'workflow-2' });
      expect(await matcher({ keptBytesMax: 100 }).match(other)).toEqual({ kind: 'full' });
      expect(await matcher().match(other)).toMatchObject({ kind: 'kept' });
      expect(await matcher().match(aCorrelatedEvent({ id: '1' }))).toMatchObject({
        kind: 'kept',
        replayed: true,
      });
    });

    it('reports a conflict of two events with one id', async () => {
      await matcher().match(aCorrelatedEvent());

      for (const other of [{ payload: 1 }, { correlationKey: 'x' }, { outcome: 'failed' as const }])
        expect(await matcher().match(aCorrelatedEvent(other))).toEqual({ kind: 'conflict' });
      expect(await matcher().match(aCorrelatedEvent({ at: NOW + 9 }))).toMatchObject({
        kind: 'kept',
      });
    });
  });
}
