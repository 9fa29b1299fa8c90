import { type Signal } from '@app/workflow-engine';
import { type ActivityStore } from '../../activities/activity-store.js';
import { ActivityTooLargeError } from '../../errors.js';
import { NOW, aCommit, aNewActivity, aState, anEvent, jsonData, recorded } from '../builders.js';

const CANCEL: Signal = { id: 'signal-1', kind: 'cancel', reason: 'a test', at: NOW + 5 };

export function describeCommit(theStore: () => ActivityStore): void {
  describe('commit', () => {
    it('replaces the state, removes its signals from the inbox and increases the lock version', async () => {
      const { id } = await recorded(theStore());
      await theStore().signal(id, CANCEL);
      const state = aState({
        status: 'waiting',
        tasks: {
          first: {
            status: 'succeeded',
            attempt: 2,
            startedAt: NOW,
            endedAt: NOW + 1,
            results: { big: 12345678901234, nested: { 'a.b': [null, 1.5] } },
          },
          second: { status: 'pending' },
        },
        results: { done: [true] },
        waitingFor: [
          { task: 'second', kind: 'retry', what: 'a retry', since: NOW, until: NOW + 9 },
        ],
      });

      const signals = [CANCEL.id];
      const lease = { wakeAt: NOW + 9, leaseOwner: 'me' };
      const commit = aCommit({ id, lockVersion: 2, state, signals, ...lease });

      expect(await theStore().commit(commit)).toBe('committed');
      expect(await theStore().get(id)).toMatchObject({
        status: 'waiting',
        state,
        lockVersion: 3,
        wakeAt: NOW + 9,
        leaseOwner: 'me',
        inbox: [],
      });
    });

    it('leaves other signals in the inbox', async () => {
      const { id } = await recorded(theStore());
      const other = { ...CANCEL, id: 'signal-2' };
      await theStore().signal(id, CANCEL);
      await theStore().signal(id, other);

      await theStore().commit(aCommit({ id, lockVersion: 3, wakeAt: NOW + 9 }));
      expect((await theStore().get(id))?.inbox).toEqual([CANCEL, other]);

      await theStore().commit(
        aCommit({ id, lockVersion: 4, signals: [CANCEL.id], wakeAt: NOW + 9 }),
      );
      expect((await theStore().get(id))?.inbox).toEqual([other]);
    });

    it('removes wake-up, lease and wait of a final activity', async () => {
      const { id } = await recorded(theStore());
      const waiting = aState({
        waitingFor: [{ task: 'a', kind: 'retry', what: 'a retry', since: NOW }],
      });
      await theStore().commit(aCommit({ id, state: waiting, wakeAt: NOW + 1, leaseOwner: 'me' }));
      const failure = { level: 'task', code: 'TASK_FAILED', message: 'no', task: 'a' } as const;
      const state = aState({ status: 'failed', endedAt: NOW + 2, failure });

      expect(await theStore().commit(aCommit({ id, lockVersion: 2, state }))).toBe('committed');

      const ended = await theStore().get(id);
      expect(ended).toMatchObject({ status: 'failed', failure, state });
      expect(ended).not.toHaveProperty('wakeAt');
      expect(ended).not.toHaveProperty('leaseOwner');
      expect(ended?.state).toEqual(state);
    });

    it('lets one of 20 commits at the same lock version win', async () => {
      const { id } = await recorded(theStore());

      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          theStore().commit(aCommit({ id, state: aState({ results: { index } }), wakeAt: NOW })),
        ),
      );

      expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1);
      const stored = await theStore().get(id);
      expect(stored?.lockVersion).toBe(2);
      expect(stored?.state?.results).toEqual({ index: outcomes.indexOf('committed') });
    });

    it('gives each of many concurrent commits its own outcome', async () => {
      const ids = await Promise.all(
        ['a', 'b', 'c'].map(async (id) => (await recorded(theStore(), id)).id),
      );
      const [a = '', b = '', c = ''] = ids;

      const outcomes = await Promise.all([
        theStore().commit(aCommit({ id: a })),
        theStore().commit(aCommit({ id: b, lockVersion: 7 })),
        theStore().commit(aCommit({ id: c })),
        theStore().commit(aCommit({ id: 'nobody' })),
      ]);

      expect(outcomes).toEqual(['committed', 'stale', 'committed', 'stale']);
    });

    it('is stale after a signal that its writer has not seen', async () => {
      const { id } = await recorded(theStore());
      await theStore().signal(id, CANCEL);

      expect(await theStore().commit(aCommit({ id }))).toBe('stale');
      expect((await theStore().get(id))?.inbox).toEqual([CANCEL]);
    });

    it('is stale when it is repeated', async () => {
      const { id } = await recorded(theStore());
      await theStore().commit(aCommit({ id }));

      expect(await theStore().commit(aCommit({ id }))).toBe('stale');
    });
  });

  it('rejects an event and a state that are too large for a record, and writes the others', async () => {
    const huge = jsonData('x'.repeat(5 * 1024 ** 2));
    const neighbour = recorded(theStore(), 'neighbour');

    await expect(
      theStore().record(aNewActivity({ event: anEvent({ data: huge }) })),
    ).rejects.toThrow(ActivityTooLargeError);
    const { id } = await neighbour;
    const state = aState({ results: { huge: 'x'.repeat(8 * 1024 ** 2) } });
    await expect(theStore().commit(aCommit({ id, state }))).rejects.toThrow(ActivityTooLargeError);
    expect(await theStore().commit(aCommit({ id }))).toBe('committed');
  });
}
