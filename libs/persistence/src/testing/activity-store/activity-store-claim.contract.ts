import { type Activity } from '../../activities/activity.js';
import { type ActivityStore } from '../../activities/activity-store.js';
import { NOW, aCommit, aNewActivity, anEvent, jsonData, recorded, succeeded } from '../builders.js';

export function describeClaim(theStore: () => ActivityStore): void {
  const claim = { now: NOW, limit: 10, leaseMs: 1_000, owner: 'sweeper' };

  describe('claimDue', () => {
    it('claims what is due once, oldest first, with a lease', async () => {
      const late = await recorded(theStore(), 'late', NOW - 1);
      const later = await recorded(theStore(), 'later', NOW - 2);
      await recorded(theStore(), 'not yet', NOW + 1);

      const claimed = await theStore().claimDue(claim);

      expect(claimed.map(({ id }) => id)).toEqual([later.id, late.id]);
      expect(claimed[0]).toEqual(await theStore().get(later.id));
      expect(claimed[0]).toMatchObject({
        wakeAt: NOW + 1_000,
        leaseOwner: 'sweeper',
        lockVersion: 2,
      });
      expect(await theStore().claimDue(claim)).toEqual([]);
    });

    it('claims first what was accepted first, of what is due at the same time', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 8; index += 1) {
        ids.unshift((await recorded(theStore(), `${index}`, NOW - 1, NOW - 10 - index)).id);
      }

      const claimed = await theStore().claimDue(claim);

      expect(claimed.map(({ id }) => id)).toEqual(ids);
    });

    it('skips as many of the oldest as requested, unless nothing else is due', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) {
        ids.push((await recorded(theStore(), `${index}`, NOW - 5 + index)).id);
      }
      const taken = async (skip: number): Promise<readonly (string | undefined)[]> => {
        const claimed = await theStore().claimDue({ ...claim, limit: 2, skip });
        return claimed.map(({ id }) => id);
      };

      expect(await taken(2)).toEqual([ids[2], ids[3]]);
      expect(await taken(2)).toEqual([ids[4]]);
      expect(await taken(2)).toEqual([ids[0], ids[1]]);
      expect(await taken(2)).toEqual([]);
    });

    it('claims large activities in the same order', async () => {
      const data = jsonData('x'.repeat(3 * 1024 ** 2));
      for (let index = 0; index < 8; index += 1) {
        const event = anEvent({ id: `${index}`, data });
        await theStore().record(aNewActivity({ event, wakeAt: NOW - 8 + index }));
      }

      const claimed = await theStore().claimDue(claim);

      expect(claimed.map(({ event }) => event?.id)).toEqual([
        '0',
        '1',
        '2',
        '3',
        '4',
        '5',
        '6',
        '7',
      ]);
    });

    it('returns at most the requested bytes, or a single larger activity', async () => {
      const data = jsonData('x'.repeat(100_000));
      for (let index = 0; index < 4; index += 1) {
        const event = anEvent({ id: `${index}`, data });
        await theStore().record(aNewActivity({ event, wakeAt: NOW - 8 + index }));
      }
      const taken = async (bytesMax: number): Promise<readonly unknown[]> => {
        const claimed = await theStore().claimDue({ ...claim, bytesMax });
        return claimed.map(({ event }) => event?.id);
      };

      expect(await taken(250_000)).toEqual(['0', '1']);
      expect(await taken(1)).toEqual(['2']);
      expect(await taken(250_000)).toEqual(['3']);
    });

    it('claims it again when the lease has expired', async () => {
      const { id } = await recorded(theStore(), 'crashed', NOW);
      await theStore().claimDue(claim);

      const [again] = await theStore().claimDue({ ...claim, now: NOW + 1_000, owner: 'other' });

      expect(again).toMatchObject({ id, leaseOwner: 'other', lockVersion: 3, takeovers: 1 });
      expect(again).toEqual(await theStore().get(id));
    });

    it('counts expired leases in a row, and no due wake-ups', async () => {
      const { id } = await recorded(theStore(), 'crashes', NOW);
      for (let lease = 0; lease < 3; lease += 1) {
        const [claimed] = await theStore().claimDue({ ...claim, now: NOW + lease * 1_000 });
        expect(claimed?.takeovers ?? 0).toBe(lease);
      }
      const working = aCommit({ id, lockVersion: 4, wakeAt: NOW + 5_000, leaseOwner: 'sweeper' });
      await theStore().commit(working);
      expect((await theStore().get(id))?.takeovers).toBe(2);

      await theStore().commit({ ...working, lockVersion: 5, takeovers: 0 });
      expect(await theStore().get(id)).not.toHaveProperty('takeovers');
      await theStore().commit(aCommit({ id, lockVersion: 6, wakeAt: NOW + 6_000 }));
      const [due] = await theStore().claimDue({ ...claim, now: NOW + 6_000 });
      expect(due?.id).toBe(id);
      expect(due).not.toHaveProperty('takeovers');
    });

    it('postpones a takeover as long as requested, without a lease', async () => {
      const { id } = await recorded(theStore(), 'crashes', NOW);
      await theStore().claimDue(claim);
      const delayed = {
        ...claim,
        now: NOW + 1_000,
        takeoverDelayMs: (count: number) => 70 * count,
      };

      expect(await theStore().claimDue(delayed)).toEqual([]);

      const waiting = await theStore().get(id);
      expect(waiting).toMatchObject({ wakeAt: NOW + 1_070, takeovers: 1, lockVersion: 3 });
      expect(waiting).not.toHaveProperty('leaseOwner');
      const [taken] = await theStore().claimDue({ ...delayed, now: NOW + 1_070 });
      expect(taken).toMatchObject({ id, leaseOwner: 'sweeper', takeovers: 1 });
    });

    it('claims untouched activities before they are due, on request', async () => {
      const soon = await recorded(theStore(), 'soon', NOW + 100);
      await recorded(theStore(), 'later', NOW + 101);
      const touched = await recorded(theStore(), 'touched', NOW);
      await theStore().claimDue(claim);
      const ids = [touched.id];
      await theStore().release({ ids, owner: claim.owner, wakeAt: NOW + 50 });
      const begun = await recorded(theStore(), 'begun', NOW);
      await theStore().commit(aCommit({ id: begun.id, wakeAt: NOW + 50 }));
      const early = { kind: 'untouched', withinMs: 100 } as const;

      const claimed = await theStore().claimDue({ ...claim, early });

      expect(claimed.map(({ id }) => id)).toEqual([soon.id]);
      expect(claimed[0]).toMatchObject({
        wakeAt: NOW + 1_000,
        leaseOwner: 'sweeper',
        lockVersion: 2,
      });
      expect(await theStore().claimDue({ ...claim, early })).toEqual([]);
    });

    it("claims the owner's leases except some, on request, without counting a takeover", async () => {
      const mine = await recorded(theStore(), 'mine', NOW);
      const inHand = await recorded(theStore(), 'in hand', NOW);
      await theStore().claimDue(claim);
      await recorded(theStore(), 'of another', NOW);
      await theStore().claimDue({ ...claim, owner: 'other' });
      await recorded(theStore(), 'of nobody', NOW + 1);
      await recorded(theStore(), 'for longer than a lease', NOW - 9);
      await theStore().claimDue({ ...claim, leaseMs: 60_000 });
      const early = { kind: 'own-leases', exceptIds: [inHand.id] } as const;

      const claimed = await theStore().claimDue({ ...claim, now: NOW + 10, early });

      expect(claimed.map(({ id }) => id)).toEqual([mine.id]);
      expect(claimed[0]).toMatchObject({
        wakeAt: NOW + 1_010,
        leaseOwner: 'sweeper',
        lockVersion: 3,
      });
      expect(claimed[0]).not.toHaveProperty('takeovers');
    });

    it('returns since when an activity is due', async () => {
      await recorded(theStore(), 'not yet', NOW + 1);
      const before = await theStore().dueSince(NOW);
      for (const at of [NOW - 1, NOW - 5]) await recorded(theStore(), `due ${at}`, at);
      const { id } = await recorded(theStore(), 'ended', NOW - 9);
      await theStore().commit(aCommit({ id, state: succeeded() }));

      expect(before).toBeUndefined();
      expect(await theStore().dueSince(NOW)).toBe(NOW - 5);
    });

    it('never claims a final activity', async () => {
      const { id } = await recorded(theStore(), 'ended', NOW - 1);
      await theStore().commit(aCommit({ id, state: succeeded() }));

      expect(await theStore().claimDue(claim)).toEqual([]);
    });

    it('gives each activity to one of five concurrent callers', async () => {
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

  describe('what is taken unclaimed', () => {
    it('is returned unchanged to every caller, and one of their commits succeeds', async () => {
      const { id } = await recorded(theStore(), 'due', NOW);
      const before = await theStore().get(id);

      const given = await Promise.all(
        ['one', 'other'].map((owner) =>
          theStore().claimDue({ ...claim, owner, unclaimed: () => true }),
        ),
      );

      expect(given).toEqual([[before], [before]]);
      expect(await theStore().get(id)).toEqual(before);
      expect(await theStore().commit(aCommit({ id }))).toBe('committed');
      expect(await theStore().commit(aCommit({ id }))).toBe('stale');
    });

    it('is in one order with claimed activities', async () => {
      const ids: string[] = [];
      for (const at of [3, 2, 1]) ids.push((await recorded(theStore(), `${at}`, NOW - at)).id);
      const unclaimed = ({ id }: Pick<Activity, 'id'>): boolean => id !== ids[1];

      const given = await theStore().claimDue({ ...claim, unclaimed });

      expect(given.map(({ id }) => id)).toEqual(ids);
      expect(given.map(({ leaseOwner }) => leaseOwner)).toEqual([undefined, 'sweeper', undefined]);
    });

    it('has no lease and no takeovers; activities with them are claimed', async () => {
      const { id } = await recorded(theStore(), 'crashes', NOW);
      await theStore().claimDue(claim);
      const asking = { ...claim, unclaimed: () => true };
      const delayed = { ...asking, takeoverDelayMs: (count: number) => (count === 2 ? 70 : 0) };

      const [first] = await theStore().claimDue({ ...delayed, now: NOW + 1_000 });
      expect(first).toMatchObject({ id, leaseOwner: 'sweeper', takeovers: 1 });
      expect(await theStore().claimDue({ ...delayed, now: NOW + 2_000 })).toEqual([]);
      expect(await theStore().get(id)).not.toHaveProperty('leaseOwner');
      const [again] = await theStore().claimDue({ ...delayed, now: NOW + 2_070 });
      expect(again).toMatchObject({ id, leaseOwner: 'sweeper', takeovers: 2 });
    });
  });

  describe('release', () => {
    it("releases the owner's leases: they are due, and no takeover is counted", async () => {
      const { id } = await recorded(theStore(), 'left', NOW);
      await theStore().claimDue(claim);

      await theStore().release({ ids: [id], owner: 'sweeper', wakeAt: NOW + 5 });

      const left = await theStore().get(id);
      expect(left).toMatchObject({ wakeAt: NOW + 5, lockVersion: 3 });
      expect(left).not.toHaveProperty('leaseOwner');
      const [taken] = await theStore().claimDue({ ...claim, now: NOW + 5, owner: 'other' });
      expect(taken).toMatchObject({ id, leaseOwner: 'other' });
      expect(taken).not.toHaveProperty('takeovers');
    });

    it('changes no lease of another owner and no final activity', async () => {
      const other = await recorded(theStore(), 'of another', NOW);
      const ended = await recorded(theStore(), 'ended', NOW);
      await theStore().claimDue(claim);
      await theStore().commit(aCommit({ id: ended.id, lockVersion: 2, state: succeeded() }));
      const before = await Promise.all([other, ended].map(({ id }) => theStore().get(id)));

      const ids = [other.id, ended.id, 'nobody'];
      await theStore().release({ ids, owner: 'somebody', wakeAt: NOW });
      await theStore().release({ ids: [ended.id], owner: 'sweeper', wakeAt: NOW });

      expect(await Promise.all([other, ended].map(({ id }) => theStore().get(id)))).toEqual(before);
    });
  });
}
