import { idOfAsker, type LockRequest, type LockStore } from '../locks/lock-store.js';
import { NOW } from './builders.js';

export const LOOK_AT = NOW + 60_000;

export function aRequest(activity: string, rest: Partial<LockRequest> = {}): LockRequest {
  return { lock: 'door', activity, task: 'acquire', attempt: 1, askedAt: NOW, ...rest };
}

/** What every `LockStore` does; `theStore` gives an empty one. */
export function describeLockStore(name: string, theStore: () => LockStore): void {
  const ask = (request: LockRequest, lookAt = LOOK_AT) => theStore().ask(request, lookAt);
  const grant = (lock = 'door', now = NOW) => theStore().grant(lock, now, LOOK_AT);

  describe(name, () => {
    it('grants a lock to the first request, and to the next one when it is released', async () => {
      const [late, early] = [aRequest('late', { askedAt: NOW + 5 }), aRequest('early')];
      await ask(late);
      await ask(early);

      expect(await grant()).toEqual({ ...early, grantedAt: NOW, isSignalled: false });
      expect(await grant()).toMatchObject({ activity: 'early' });
      await theStore().withdraw(early);
      expect(await grant()).toMatchObject({ activity: 'late' });
      await theStore().withdraw(late);
      expect(await grant()).toBeUndefined();
    });

    it('tells who holds a lock, and nobody who waits for it', async () => {
      await ask(aRequest('first'));
      expect(await theStore().holderOf('door')).toBeUndefined();
      await grant();
      await ask(aRequest('second', { askedAt: NOW + 1 }));

      expect(await theStore().holderOf('door')).toMatchObject({
        activity: 'first',
        grantedAt: NOW,
      });
      expect(await theStore().holderOf('window')).toBeUndefined();
    });

    it('grants it once, however many grant at the same time', async () => {
      const askers = Array.from({ length: 20 }, (_, at) => aRequest(`activity-${at}`));
      const holders = await Promise.all(
        askers.map(async (asker) => {
          await ask(asker);
          return grant();
        }),
      );

      const [holder = aRequest('nobody')] = holders;
      await theStore().markSignalled(holder, NOW, LOOK_AT);
      const later = await Promise.all(askers.map(() => grant()));

      expect(new Set([...holders, ...later].map((one) => one && idOfAsker(one))).size).toBe(1);
    });

    it('keeps each request once, in its order', async () => {
      await ask(aRequest('a'));
      await ask(aRequest('b', { askedAt: NOW + 1 }));
      await ask(aRequest('a', { askedAt: NOW + 9 }));

      await grant();
      await theStore().withdraw(aRequest('a'));
      expect(await grant()).toMatchObject({ activity: 'b' });
      await theStore().withdraw(aRequest('b'));
      expect(await grant()).toBeUndefined();
    });

    it('lets only its owner release it, by attempt', async () => {
      await ask(aRequest('a', { attempt: 2 }));
      await grant();

      await theStore().withdraw(aRequest('b'));
      await theStore().withdraw(aRequest('a', { task: 'other', attempt: 2 }));
      await theStore().withdraw(aRequest('a', { attempt: 1 }));

      expect(await grant()).toMatchObject({ activity: 'a', attempt: 2 });
    });

    it('keeps locks independent of each other', async () => {
      await ask(aRequest('a'));
      await ask(aRequest('b', { lock: 'gate' }));

      expect(await grant()).toMatchObject({ activity: 'a' });
      expect(await grant('gate')).toMatchObject({ activity: 'b' });
    });

    it('remembers that its owner was notified', async () => {
      await ask(aRequest('a'));
      await grant();
      await theStore().markSignalled(aRequest('a'), NOW + 5, LOOK_AT);
      await theStore().markSignalled(aRequest('a'), NOW + 9, LOOK_AT);

      expect(await grant()).toMatchObject({ grantedAt: NOW + 5, isSignalled: true });
    });

    it('marks no run that does not hold it', async () => {
      await ask(aRequest('a'));
      await theStore().markSignalled(aRequest('a'), NOW + 5, LOOK_AT);

      expect(await grant()).toMatchObject({ grantedAt: NOW, isSignalled: false });
    });

    it('returns holders when they are due or their lease has expired, counted from the signal', async () => {
      const leased = aRequest('leased', { lock: 'gate', leaseMs: 1_000 });
      for (const asker of [aRequest('a'), leased]) await ask(asker);
      await grant();
      await grant('gate');
      expect(await theStore().due(NOW + 1_000, 10)).toEqual([]);
      await theStore().markSignalled(leased, NOW + 500, LOOK_AT);

      expect(await theStore().due(NOW + 1_499, 10)).toEqual([]);
      expect(await theStore().due(NOW + 1_500, 10)).toEqual([
        { ...leased, grantedAt: NOW + 500, isSignalled: true },
      ]);
      expect(await theStore().due(LOOK_AT, 10)).toHaveLength(2);
      const [holder] = await theStore().due(LOOK_AT, 1);
      expect(holder).toMatchObject({ activity: 'leased' });
      await theStore().lookAgain({ ...leased, ...holder }, LOOK_AT + 1);
      expect(await theStore().due(LOOK_AT, 10)).toMatchObject([{ activity: 'a' }]);
    });

    it('returns waiting requests as well, until they hold it', async () => {
      await ask(aRequest('a'), NOW + 10);
      await ask(aRequest('a'), NOW);
      expect(await theStore().due(NOW + 9, 10)).toEqual([]);
      expect(await theStore().due(NOW + 10, 10)).toEqual([aRequest('a')]);
      await theStore().lookAgain(aRequest('a'), NOW + 20);
      expect(await theStore().due(NOW + 19, 10)).toEqual([]);

      await grant();
      await theStore().lookAgain(aRequest('a'), LOOK_AT + 1);

      expect(await theStore().due(LOOK_AT - 1, 10)).toEqual([]);
      expect(await theStore().due(LOOK_AT, 10)).toMatchObject([
        { activity: 'a', isSignalled: false },
      ]);
    });

    it('postpones the whole queue, longer for those that have waited longer', async () => {
      const pause = { msMin: 100, msMax: 1_000 };
      const askedAt = { old: NOW - 5_000, older: NOW - 300, young: NOW, holder: NOW - 9_000 };
      for (const [id, at] of Object.entries(askedAt)) await ask(aRequest(id, { askedAt: at }), NOW);
      await ask(aRequest('soon', { askedAt: NOW + 1 }), NOW + 99);
      await ask(aRequest('later', { askedAt: NOW + 1 }), NOW + 100);
      await ask(aRequest('other', { lock: 'gate' }), NOW);
      await theStore().grant('door', NOW, NOW + 7);

      await theStore().lookAgainAtQueue('door', NOW, pause);

      const dueAt = async (at: number) =>
        (await theStore().due(at, 10)).map(({ activity }) => activity).toSorted();
      expect(await dueAt(NOW + 99)).toEqual(['holder', 'other']);
      expect(await dueAt(NOW + 100)).toEqual(['holder', 'later', 'other', 'soon', 'young']);
      expect(await dueAt(NOW + 299)).not.toContain('older');
      expect(await dueAt(NOW + 300)).toContain('older');
      expect(await dueAt(NOW + 999)).not.toContain('old');
      expect(await dueAt(NOW + 1_000)).toContain('old');
    });
  });
}
