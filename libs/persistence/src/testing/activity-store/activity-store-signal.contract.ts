import { type Signal } from '@app/workflow-engine';
import { type ActivityStore } from '../../activities/activity-store.js';
import { NOW, aCommit, aNewActivity, recorded, succeeded } from '../builders.js';

const CANCEL: Signal = { id: 'signal-1', kind: 'cancel', reason: 'a test', at: NOW + 5 };

export function describeSignal(theStore: () => ActivityStore): void {
  describe('signal', () => {
    it('appends to the inbox and makes the activity due', async () => {
      const { id } = await recorded(theStore());

      expect(await theStore().signal(id, CANCEL)).toBe('appended');
      expect(await theStore().get(id)).toMatchObject({
        inbox: [CANCEL],
        wakeAt: CANCEL.at,
        lockVersion: 2,
      });
    });

    it('leaves a lease as it is', async () => {
      const { id } = await recorded(theStore());
      const leased = { wakeAt: NOW + 30_000, leaseOwner: 'me' };
      await theStore().commit(aCommit({ id, ...leased }));

      expect(await theStore().signal(id, CANCEL)).toBe('appended');
      expect(await theStore().get(id)).toMatchObject({
        ...leased,
        inbox: [CANCEL],
        lockVersion: 3,
      });
    });

    it('keeps a reason to the letter, whatever it looks like', async () => {
      const { id } = await recorded(theStore());
      const odd = { ...CANCEL, reason: '$status' };
      await theStore().signal(id, odd);

      expect((await theStore().get(id))?.inbox).toEqual([odd]);
    });

    it('stores one of many concurrent copies of a signal', async () => {
      const { id } = await recorded(theStore());

      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => theStore().signal(id, CANCEL)),
      );

      expect(outcomes.filter((outcome) => outcome === 'appended')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(9);
      expect((await theStore().get(id))?.inbox).toHaveLength(1);
    });

    it('keeps different signals in the order they came', async () => {
      const { id } = await recorded(theStore());
      const other = { ...CANCEL, id: 'signal-2' };

      await theStore().signal(id, other);
      await theStore().signal(id, CANCEL);

      expect((await theStore().get(id))?.inbox).toEqual([other, CANCEL]);
    });

    it('returns which activities have signals that were not taken', async () => {
      const { id } = await recorded(theStore());
      expect(await theStore().withSignals([id, 'nobody'])).toEqual([]);

      await theStore().signal(id, CANCEL);
      expect(await theStore().withSignals([id, 'nobody'])).toEqual([id]);
      expect(await theStore().withSignals([])).toEqual([]);

      await theStore().commit(aCommit({ id, lockVersion: 2, signals: [CANCEL.id] }));
      expect(await theStore().withSignals([id])).toEqual([]);
    });

    it('has a status that is read by itself', async () => {
      const { id } = await recorded(theStore());
      expect(await theStore().statusOf(id)).toBe('queued');
      await theStore().commit(aCommit({ id, lockVersion: 1, state: succeeded() }));

      expect(await theStore().statusOf(id)).toBe('succeeded');
      expect(await theStore().statusOf('nobody')).toBeUndefined();
    });

    it('has a workflow that is read by itself', async () => {
      const activity = aNewActivity();
      await theStore().record(activity);

      expect(await theStore().workflowOf(activity.id)).toBe(activity.workflowId);
      expect(await theStore().workflowOf('nobody')).toBeUndefined();
    });

    it('is rejected after the end, and for an unknown activity', async () => {
      const { id } = await recorded(theStore());
      await theStore().commit(aCommit({ id, state: succeeded() }));

      expect(await theStore().signal(id, CANCEL)).toBe('final');
      expect(await theStore().signal('nobody', CANCEL)).toBe('not-found');
      expect((await theStore().get(id))?.inbox).toEqual([]);
    });
  });
}
