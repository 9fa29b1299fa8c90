import { type Activity } from '../activities/activity.js';
import { type ActivityStore } from '../activities/activity-store.js';
import { NOW, aCommit, recorded, succeeded } from './builders.js';

export function describeClaim(theStore: () => ActivityStore): void {
  const claim = { now: NOW, limit: 10, leaseMs: 1_000, owner: 'sweeper' };

  describe('claimDue', () => {
    it('gives what is due, oldest first, with a lease, and once', async () => {
      const late = await recorded(theStore(), 'late', NOW - 1);
      const later = await recorded(theStore(), 'later', NOW - 2);
      await recorded(theStore(), 'not yet', NOW + 1);

      const claimed = await theStore().claimDue(claim);

      expect(claimed.map(({ id }) => id)).toEqual([later.id, late.id]);
      expect(claimed[0]).toEqual(await theStore().get(later.id));
      expect(claimed[0]).toMatchObject({ wakeAt: NOW + 1_000, leaseOwner: 'sweeper', revision: 2 });
      expect(await theStore().claimDue(claim)).toEqual([]);
    });

    it('gives it again after the lease, so that no crash loses it', async () => {
      const { id } = await recorded(theStore(), 'crashed', NOW);
      await theStore().claimDue(claim);

      const [again] = await theStore().claimDue({ ...claim, now: NOW + 1_000, owner: 'other' });

      expect(again).toMatchObject({ id, leaseOwner: 'other', revision: 3 });
    });

    it('tells since when something is due', async () => {
      await recorded(theStore(), 'not yet', NOW + 1);
      const before = await theStore().dueSince(NOW);
      for (const at of [NOW - 1, NOW - 5]) await recorded(theStore(), `due ${at}`, at);
      const { id } = await recorded(theStore(), 'ended', NOW - 9);
      await theStore().commit(aCommit({ id, state: succeeded() }));

      expect(before).toBeUndefined();
      expect(await theStore().dueSince(NOW)).toBe(NOW - 5);
    });

    it('never gives what is final', async () => {
      const { id } = await recorded(theStore(), 'ended', NOW - 1);
      await theStore().commit(aCommit({ id, state: succeeded() }));

      expect(await theStore().claimDue(claim)).toEqual([]);
    });

    it('gives each activity to one of five callers at once, until all are given', async () => {
      for (let index = 0; index < 40; index += 1)
        await recorded(theStore(), `${index}`, NOW - index);
      const claimed: Activity[] = [];

      for (let round = 0; round < 40 && claimed.length < 40; round += 1) {
        const taken = await Promise.all(
          Array.from({ length: 5 }, (_, index) =>
            theStore().claimDue({ ...claim, owner: `sweeper ${index}` }),
          ),
        );
        claimed.push(...taken.flat());
      }

      expect(claimed).toHaveLength(40);
      expect(new Set(claimed.map(({ id }) => id)).size).toBe(40);
      for (const activity of claimed) expect(activity).toEqual(await theStore().get(activity.id));
    });

    it('makes the commit of the driver before it stale', async () => {
      const { id } = await recorded(theStore(), 'slow', NOW);
      await theStore().claimDue(claim);

      expect(await theStore().commit(aCommit({ id }))).toBe('stale');
    });
  });
}
