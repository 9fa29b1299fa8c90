import { type ActivityStore } from '../../activities/activity-store.js';
import { NOW, aCommit, aNewActivity, anEvent, recorded, succeeded } from '../builders.js';

const CLAIM = { now: NOW, limit: 10, leaseMs: 1_000, owner: 'sweeper' };

/** Executors of several builds on one store: each claims only activities whose requirements its build has. */
export function describeRequires(theStore: () => ActivityStore): void {
  async function requiring(...requires: string[]): Promise<string> {
    const event = anEvent({ id: requires.join(' ') });
    const activity = aNewActivity({ event, requires, wakeAt: NOW });
    await theStore().record(activity);
    return activity.id;
  }

  async function claimedBy(...features: string[]): Promise<readonly string[]> {
    const claimed = await theStore().claimDue({ ...CLAIM, features });
    return claimed.map(({ id }) => id);
  }

  describe('an activity that requires something', () => {
    it('is claimed by builds that support all of it, and lists it', async () => {
      const sleeps = await requiring('task:sleep');
      const both = await requiring('task:script', 'task:sleep');
      expect(await theStore().get(both)).toMatchObject({ requires: ['task:script', 'task:sleep'] });

      expect(await claimedBy()).toEqual([]);
      expect(await claimedBy('task:manual', 'task:script')).toEqual([]);
      expect(await claimedBy('task:sleep')).toEqual([sleeps]);
      expect(await claimedBy('task:sleep', 'task:script')).toEqual([both]);
    });

    it('does not delay activities without requirements', async () => {
      await requiring('task:sleep');
      const { id } = await recorded(theStore(), 'plain', NOW);
      const early = { kind: 'untouched', withinMs: 1_000 } as const;
      const later = await recorded(theStore(), 'later', NOW + 500);

      expect(await claimedBy()).toEqual([id]);
      const claimed = await theStore().claimDue({ ...CLAIM, early });
      expect(claimed.map((activity) => activity.id)).toEqual([later.id]);
    });

    it('is counted by builds that lack it, until it is final', async () => {
      const id = await requiring('task:sleep');
      await requiring('task:script', 'task:sleep');
      await recorded(theStore(), 'plain', NOW);

      expect(await theStore().countUnsupported([], 10)).toBe(2);
      expect(await theStore().countUnsupported([], 1)).toBe(1);
      expect(await theStore().countUnsupported(['task:script', 'task:sleep'], 10)).toBe(0);
      await theStore().commit(aCommit({ id, state: succeeded() }));
      expect(await theStore().countUnsupported([], 10)).toBe(1);
    });

    it('is due and listed like any other', async () => {
      const id = await requiring('task:sleep');
      await recorded(theStore(), 'plain', NOW + 1);

      expect(await theStore().dueSince(NOW)).toBe(NOW);
      const { activities } = await theStore().list({ status: 'queued', limit: 10 });
      expect(activities).toHaveLength(2);
      expect(activities[0]).toMatchObject({ id, requires: ['task:sleep'] });
    });

    it('keeps that through commits', async () => {
      const id = await requiring('task:sleep');

      await theStore().commit(aCommit({ id, wakeAt: NOW }));

      expect(await claimedBy()).toEqual([]);
      expect(await claimedBy('task:sleep')).toEqual([id]);
    });
  });

  it('leaves a state of a later version to builds that have it', async () => {
    const { id } = await recorded(theStore(), 'later state', NOW);
    await theStore().commit(aCommit({ id, stateVersion: 2, wakeAt: NOW }));

    expect(await theStore().get(id)).toMatchObject({ stateVersion: 2 });
    expect(await claimedBy('task:sleep')).toEqual([]);
    expect(await theStore().countUnsupported([], 10)).toBe(1);
    expect(await claimedBy('state:2')).toEqual([id]);
  });

  describe('leave', () => {
    const left = { requires: ['task:sleep'], wakeAt: NOW - 5, owner: 'sweeper' };

    it('records what an activity requires, and makes it due at once without a lease', async () => {
      const { id } = await recorded(theStore(), 'unknown until now', NOW);
      expect(await claimedBy()).toEqual([id]);

      await theStore().leaveToOtherBuilds({ ...left, id, lockVersion: 2 });

      const found = await theStore().get(id);
      expect(found).toMatchObject({ requires: ['task:sleep'], wakeAt: NOW - 5, lockVersion: 3 });
      expect(found).not.toHaveProperty('leaseOwner');
      expect(await claimedBy()).toEqual([]);
      expect(await claimedBy('task:sleep')).toEqual([id]);
    });

    it('changes no activity that is leased by others, was written meanwhile or has ended', async () => {
      const leased = await recorded(theStore(), 'of another', NOW);
      await theStore().claimDue({ ...CLAIM, owner: 'other' });
      const written = await recorded(theStore(), 'written', NOW);
      await theStore().commit(aCommit({ id: written.id, wakeAt: NOW + 9 }));
      const ended = await recorded(theStore(), 'ended', NOW);
      await theStore().commit(aCommit({ id: ended.id, state: succeeded() }));
      const ids = [leased.id, written.id, ended.id];
      const before = await Promise.all(ids.map((id) => theStore().get(id)));

      await theStore().leaveToOtherBuilds({ ...left, id: leased.id, lockVersion: 2 });
      await theStore().leaveToOtherBuilds({ ...left, id: written.id, lockVersion: 1 });
      await theStore().leaveToOtherBuilds({ ...left, id: ended.id, lockVersion: 2 });

      expect(await Promise.all(ids.map((id) => theStore().get(id)))).toEqual(before);
    });
  });
}
