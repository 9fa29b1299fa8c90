import { type LockRequest, type LockStore } from '../locks/lock-store.js';
import { NOW } from './builders.js';
import { aRequest, LOOK_AT } from './lock-store.contract.js';

/** The part of the contract of `LockStore` about slots: locks with several holders. */
export function describeSlots(name: string, theStore: () => LockStore): void {
  const grant = (lock = 'door') => theStore().grant(lock, NOW, LOOK_AT);

  async function giveAll(): Promise<readonly string[]> {
    const given: string[] = [];
    for (;;) {
      const holder = await grant();
      if (holder === undefined || holder.isSignalled) return given;
      given.push(holder.activity);
      await theStore().markSignalled(holder, NOW, LOOK_AT);
    }
  }

  describe(`${name}: what several may have`, () => {
    const askers = ['a', 'b', 'c', 'd'].map((id, at) =>
      aRequest(id, { askedAt: NOW + at, limit: 2 }),
    );

    it('is granted up to its limit in the order of requests, each signalled before the next', async () => {
      for (const asker of askers.toReversed()) await theStore().ask(asker, LOOK_AT);

      expect(await grant()).toMatchObject({ activity: 'a', isSignalled: false });
      expect(await grant()).toMatchObject({ activity: 'a', isSignalled: false });
      expect(await giveAll()).toEqual(['a', 'b']);
      await theStore().withdraw(aRequest('a'));
      expect(await giveAll()).toEqual(['c']);
      await theStore().withdraw(aRequest('d'));
      await theStore().withdraw(aRequest('b'));
      expect(await giveAll()).toEqual([]);
    });

    it('is never granted beyond its limit, however many grant at once', async () => {
      const many = Array.from({ length: 20 }, (_, at) => aRequest(`activity-${at}`, { limit: 3 }));
      await Promise.all(many.map((asker) => theStore().ask(asker, LOOK_AT)));
      const held = new Set<string>();
      await Promise.all(
        many.map(async () => {
          for (const holder of [await grant(), await grant()]) {
            if (holder === undefined || holder.isSignalled) continue;
            held.add(holder.activity);
            await theStore().markSignalled(holder, NOW, LOOK_AT);
          }
        }),
      );
      for (const id of await giveAll()) held.add(id);

      expect(held.size).toBe(3);
      const looked = await theStore().due(LOOK_AT, 100);
      expect(looked.filter((one) => 'grantedAt' in one)).toHaveLength(3);
    });

    it('uses the limit of the next request', async () => {
      for (const id of ['a', 'b', 'c']) {
        const limit = id === 'c' ? 1 : 2;
        await theStore().ask(aRequest(id, { askedAt: NOW + id.charCodeAt(0), limit }), LOOK_AT);
      }
      expect(await giveAll()).toEqual(['a', 'b']);
      await theStore().withdraw(aRequest('a'));
      expect(await giveAll()).toEqual([]);
      await theStore().withdraw(aRequest('b'));

      expect(await giveAll()).toEqual(['c']);
    });

    it('is not granted before its time, and then in the order of requests', async () => {
      await theStore().ask(aRequest('later', { notBefore: NOW + 10 }), NOW + 10);
      await theStore().ask(aRequest('now', { askedAt: NOW + 5 }), LOOK_AT);

      const first = await theStore().grant('door', NOW + 9, LOOK_AT);
      expect(first).toMatchObject({ activity: 'now' });
      await theStore().withdraw(aRequest('now'));
      expect(await theStore().grant('door', NOW + 9, LOOK_AT)).toBeUndefined();
      expect(await theStore().due(NOW + 10, 9)).toMatchObject([{ activity: 'later' }]);
      const then = await theStore().grant('door', NOW + 10, LOOK_AT);
      expect(then).toMatchObject({ activity: 'later', notBefore: NOW + 10 });
    });

    it('keeps the terms of each request, and lists none that was rejected', async () => {
      const [one, other] = [
        aRequest('a', { limit: 2, throttleMs: 5 }),
        aRequest('b', { limit: 2, askedAt: NOW + 1 }),
      ];
      for (const asker of [one, other]) await theStore().ask(asker, LOOK_AT);
      await theStore().reject(other, { code: 'FULL', reason: 'no slot' }, LOOK_AT);
      const all = { skip: 0, limit: 9 };

      expect(await theStore().newest('door', { ...all, waiting: true })).toEqual([one]);
      expect(await theStore().newest('door', { ...all, waiting: false })).toEqual([one]);
    });

    it('lists the newest first, on request only those that wait', async () => {
      for (const asker of askers) await theStore().ask(asker, LOOK_AT);
      await theStore().ask(aRequest('x', { lock: 'gate' }), LOOK_AT);
      await giveAll();
      const newest = async (skip: number, limit: number, waiting: boolean) =>
        (await theStore().newest('door', { skip, limit, waiting })).map(({ activity }) => activity);

      expect(await newest(0, 9, false)).toEqual(['d', 'c', 'b', 'a']);
      expect(await newest(1, 2, false)).toEqual(['c', 'b']);
      expect(await newest(0, 9, true)).toEqual(['d', 'c']);
      expect(await newest(1, 9, true)).toEqual(['c']);
    });

    it('is never granted to a rejected request, and no holder is rejected', async () => {
      const why = { code: 'WHY', reason: 'because' };
      for (const asker of askers) await theStore().ask(asker, LOOK_AT);
      await giveAll();
      const reject = (id: string) => theStore().reject(aRequest(id), why, NOW + 1);

      expect(await reject('a')).toBe(false);
      expect(await reject('nobody')).toBe(false);
      expect([await reject('c'), await reject('c')]).toEqual([true, true]);
      await theStore().withdraw(aRequest('a'));
      expect(await giveAll()).toEqual(['d']);
      expect(await theStore().due(NOW + 1, 9)).toMatchObject([{ activity: 'c', rejection: why }]);
      await theStore().withdraw(aRequest('c'));
      expect(await reject('c')).toBe(false);
    });

    it('is not granted for its throttle time after a release', async () => {
      const asker = aRequest('a', { limit: 1 });
      await theStore().ask(asker, LOOK_AT);
      await theStore().ask(aRequest('b', { askedAt: NOW + 1, limit: 1 }), LOOK_AT);
      expect(await giveAll()).toEqual(['a']);

      await theStore().keepBack(asker, 100, NOW + 99);
      expect(await giveAll()).toEqual([]);
      expect(await theStore().due(NOW + 99, 9)).toEqual([]);
      expect(await theStore().due(NOW + 100, 9)).toMatchObject([
        { activity: 'a', isSignalled: true, leaseMs: 100 },
      ]);
      await theStore().keepBack(asker, 100, NOW + 100);
      expect(await giveAll()).toEqual(['b']);
    });

    it('counts the requests before one up to a bound', async () => {
      for (const asker of askers) await theStore().ask(asker, LOOK_AT);
      await theStore().ask(aRequest('x', { lock: 'gate' }), LOOK_AT);
      const before = (request: LockRequest, max = 9) => theStore().countWaitingBefore(request, max);
      const late = aRequest('late', { askedAt: NOW + 9 });
      expect(await before(late)).toBe(4);
      expect([await before(late, 3), await before(late, 1)]).toEqual([3, 1]);
      // It asked at the same time as the second, so their names decide.
      expect(await before(aRequest('aa', { askedAt: NOW + 1 }))).toBe(1);
      expect(await before(aRequest('bb', { askedAt: NOW + 1 }))).toBe(2);
      expect(await Promise.all(askers.map((one) => before(one)))).toEqual([0, 1, 2, 3]);

      await giveAll();

      expect(await Promise.all(askers.map((one) => before(one)))).toEqual([0, 0, 0, 1]);
    });

    it('returns requests that were rejected, or wait for their time, when they are due', async () => {
      const [gone, later] = [aRequest('gone'), aRequest('later', { notBefore: NOW + 10 })];
      await theStore().ask(gone, LOOK_AT);
      await theStore().ask(later, NOW + 10);
      await theStore().reject(gone, { code: 'WHY', reason: 'because' }, NOW + 10);

      await theStore().lookAgainAtQueue('door', NOW + 9, { msMin: 1_000, msMax: 1_000 });
      expect(await theStore().due(NOW + 10, 9)).toHaveLength(2);

      await theStore().lookAgainAtQueue('door', NOW + 10, { msMin: 1_000, msMax: 1_000 });
      expect(await theStore().due(NOW + 10, 9)).toMatchObject([{ activity: 'gone' }]);
    });

    it('is not throttled by a request that never held it', async () => {
      await theStore().ask(aRequest('a'), LOOK_AT);
      await theStore().keepBack(aRequest('a'), 100, NOW);

      expect(await giveAll()).toEqual([]);
      expect(await theStore().due(LOOK_AT, 9)).toEqual([]);
    });
  });
}
