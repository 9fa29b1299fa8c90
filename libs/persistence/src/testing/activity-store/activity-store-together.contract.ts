import { type EventSignal, type Signal } from '@app/workflow-engine';
import { type ActivityStore } from '../../activities/activity-store.js';
import { waitKeyOf } from '../../correlated-events/wait-key.js';
import { aCommit, aNewActivity, NOW, recorded, succeeded, waitingForEvents } from '../builders.js';

const INBOX_MAX = 1_000;

function signals(from: number, count: number): readonly Signal[] {
  return Array.from({ length: count }, (_, at) => {
    const id = `s${from + at}`;
    return { id, kind: 'event', topic: 'paid', at: NOW + 5 };
  });
}

/** Signals that reach one activity at the same moment. */
export function describeSignalsTogether(theStore: () => ActivityStore): void {
  /** What each caller is told, or the code of its error. */
  async function together(id: string, all: readonly Signal[]): Promise<readonly string[]> {
    const settled = await Promise.allSettled(all.map((one) => theStore().signal(id, one)));
    return settled.map((one) => {
      if (one.status === 'fulfilled') return one.value;
      return (one.reason as { readonly code: string }).code;
    });
  }

  async function inboxOf(id: string): Promise<readonly string[]> {
    return ((await theStore().get(id))?.inbox ?? []).map((one) => one.id);
  }

  function times<T>(count: number, value: T): readonly T[] {
    return Array.from({ length: count }, () => value);
  }

  describe('signals that come together', () => {
    it('are all stored, in their order', async () => {
      const { id } = await recorded(theStore());
      const all = signals(0, 300);

      expect(await together(id, all)).toEqual(times(300, 'appended'));
      expect((await theStore().get(id))?.inbox).toEqual(all);
      expect(await theStore().get(id)).toMatchObject({ wakeAt: NOW + 5 });
    });

    it('are stored once if some were stored before', async () => {
      const { id } = await recorded(theStore());
      await theStore().signal(id, signals(1, 1)[0] as Signal);
      await theStore().signal(id, signals(3, 1)[0] as Signal);

      const outcomes = await together(id, signals(0, 5));
      expect(outcomes).toEqual(['appended', 'duplicate', 'appended', 'duplicate', 'appended']);
      expect(await inboxOf(id)).toEqual(['s1', 's3', 's0', 's2', 's4']);
      expect(await together(id, signals(0, 5))).toEqual(times(5, 'duplicate'));
    });

    it('are not stored again if the run has taken some', async () => {
      const { id } = await recorded(theStore());
      const state = { ...waitingForEvents(['paid', 'order-1']), taken: ['s1', 's3'] };
      await theStore().commit(aCommit({ id, state, wakeAt: NOW }));

      const outcomes = await together(id, signals(0, 5));
      expect(outcomes).toEqual(['appended', 'duplicate', 'appended', 'duplicate', 'appended']);
      expect(await inboxOf(id)).toEqual(['s0', 's2', 's4']);
    });

    it('are stored once if some are copies', async () => {
      const { id } = await recorded(theStore());

      const outcomes = await together(id, [...signals(0, 2), ...signals(1, 2)]);
      expect(outcomes).toEqual(['appended', 'appended', 'duplicate', 'appended']);
      expect(await inboxOf(id)).toEqual(['s0', 's1', 's2']);
    });

    it('are stored as far as there is room, each with its outcome', async () => {
      const { id } = await recorded(theStore());
      await together(id, signals(0, INBOX_MAX - 2));

      const last = signals(INBOX_MAX - 3, 5);
      const full = 'ACTIVITY_INBOX_FULL';
      expect(await together(id, last)).toEqual(['duplicate', 'appended', 'appended', full, full]);
      expect(await inboxOf(id)).toEqual(signals(0, INBOX_MAX).map((one) => one.id));
      expect(await together(id, last)).toEqual([...times(3, 'duplicate'), full, full]);
    });

    it('are rejected after the end, and for an unknown activity', async () => {
      const { id } = await recorded(theStore());
      await theStore().commit(aCommit({ id, state: succeeded() }));

      expect(await together(id, signals(0, 3))).toEqual(times(3, 'final'));
      expect(await together('nobody', signals(0, 3))).toEqual(times(3, 'not-found'));
      expect(await inboxOf(id)).toEqual([]);
    });

    it.each(['first', 'last'])(
      'make one that begins later due at once by a cancel that is %s',
      async (at) => {
        const notBefore = NOW + 3_600_000;
        const activity = aNewActivity({ notBefore, wakeAt: notBefore });
        await theStore().record(activity);
        const cancel: Signal = { id: 'cancel', kind: 'cancel', reason: 'a test', at: NOW + 6 };
        const all = at === 'first' ? [cancel, ...signals(0, 2)] : [...signals(0, 2), cancel];

        expect(await together(activity.id, all)).toEqual(times(3, 'appended'));
        expect(await theStore().get(activity.id)).toMatchObject({ wakeAt: NOW + 6, inbox: all });
        await together(activity.id, signals(2, 2));
        expect(await theStore().get(activity.id)).toMatchObject({ wakeAt: NOW + 6 });
      },
    );

    it('include one event for a wait', async () => {
      const { id } = await recorded(theStore());
      const state = waitingForEvents(['paid', 'order-1']);
      await theStore().commit(aCommit({ id, state, wakeAt: NOW }));
      const wait = waitKeyOf('paid', 'order-1');
      const event = { kind: 'event', at: NOW + 5, topic: 'paid', correlationKey: 'order-1' };
      const [a, b] = ['a', 'b'].map((one) => ({ ...event, id: one, wait }) as EventSignal);

      const all = [...signals(0, 1), a, b, ...signals(1, 1)] as readonly Signal[];
      const outcomes = await together(id, all);
      expect([...outcomes].sort()).toEqual([...times(3, 'appended'), 'not-waiting']);
      const taken = all.filter((_, at) => outcomes[at] === 'appended').map((one) => one.id);
      expect([...(await inboxOf(id))].sort()).toEqual([...taken].sort());
      expect(taken).toEqual(expect.arrayContaining(['s0', 's1']));
    });
  });
}
