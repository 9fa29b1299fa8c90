import { idOfAsker, type LockRequest, type LockStore } from '../locks/lock-store.js';
import { NOW } from './builders.js';

const LOOK_AT = NOW + 60_000;

function aRequest(activity: string, rest: Partial<LockRequest> = {}): LockRequest {
  return { lock: 'door', activity, task: 'acquire', attempt: 1, askedAt: NOW, ...rest };
}

/** What every `LockStore` does; `theStore` gives an empty one. */
export function describeLockStore(name: string, theStore: () => LockStore): void {
  const ask = (request: LockRequest, lookAt = LOOK_AT) => theStore().ask(request, lookAt);
  const grant = (lock = 'door', now = NOW) => theStore().grant(lock, now, LOOK_AT);

  describe(name, () => {
    it('gives a lock to whoever asked first, and to the next when it is given back', async () => {
      const [late, early] = [aRequest('late', { askedAt: NOW + 5 }), aRequest('early')];
      await ask(late);
      await ask(early);

      expect(await grant()).toEqual({ ...early, grantedAt: NOW, isTold: false });
      expect(await grant()).toMatchObject({ activity: 'early' });
      await theStore().withdraw(early);
      expect(await grant()).toMatchObject({ activity: 'late' });
      await theStore().withdraw(late);
      expect(await grant()).toBeUndefined();
    });

    it('gives it to one, of however many that give at once', async () => {
      const askers = Array.from({ length: 20 }, (_, at) => aRequest(`activity-${at}`));
      const holders = await Promise.all(
        askers.map(async (asker) => {
          await ask(asker);
          return grant();
        }),
      );

      expect(new Set(holders.map((one) => one && idOfAsker(one))).size).toBe(1);
    });

    it('keeps each request once, and its place', async () => {
      await ask(aRequest('a'));
      await ask(aRequest('b', { askedAt: NOW + 1 }));
      await ask(aRequest('a', { askedAt: NOW + 9 }));

      await grant();
      await theStore().withdraw(aRequest('a'));
      expect(await grant()).toMatchObject({ activity: 'b' });
      await theStore().withdraw(aRequest('b'));
      expect(await grant()).toBeUndefined();
    });

    it('lets only its owner give it back, by attempt', async () => {
      await ask(aRequest('a', { attempt: 2 }));
      await grant();

      await theStore().withdraw(aRequest('b'));
      await theStore().withdraw(aRequest('a', { task: 'other', attempt: 2 }));
      await theStore().withdraw(aRequest('a', { attempt: 1 }));

      expect(await grant()).toMatchObject({ activity: 'a', attempt: 2 });
    });

    it('has locks that know nothing of each other', async () => {
      await ask(aRequest('a'));
      await ask(aRequest('b', { lock: 'gate' }));

      expect(await grant()).toMatchObject({ activity: 'a' });
      expect(await grant('gate')).toMatchObject({ activity: 'b' });
    });

    it('remembers that its holder was told', async () => {
      await ask(aRequest('a'));
      await grant();
      await theStore().markTold(aRequest('a'), NOW + 5, LOOK_AT);
      await theStore().markTold(aRequest('a'), NOW + 9, LOOK_AT);

      expect(await grant()).toMatchObject({ grantedAt: NOW + 5, isTold: true });
    });

    it('marks nobody who does not have it', async () => {
      await ask(aRequest('a'));
      await theStore().markTold(aRequest('a'), NOW + 5, LOOK_AT);

      expect(await grant()).toMatchObject({ grantedAt: NOW, isTold: false });
    });

    it('has holders looked at when it is time, or their lease is over, from when they were told', async () => {
      const leased = aRequest('leased', { lock: 'gate', leaseMs: 1_000 });
      for (const asker of [aRequest('a'), leased]) await ask(asker);
      await grant();
      await grant('gate');
      expect(await theStore().due(NOW + 1_000, 10)).toEqual([]);
      await theStore().markTold(leased, NOW + 500, LOOK_AT);

      expect(await theStore().due(NOW + 1_499, 10)).toEqual([]);
      expect(await theStore().due(NOW + 1_500, 10)).toEqual([
        { ...leased, grantedAt: NOW + 500, isTold: true },
      ]);
      expect(await theStore().due(LOOK_AT, 10)).toHaveLength(2);
      const [holder] = await theStore().due(LOOK_AT, 1);
      expect(holder).toMatchObject({ activity: 'leased' });
      await theStore().lookAgain({ ...leased, ...holder }, LOOK_AT + 1);
      expect(await theStore().due(LOOK_AT, 10)).toMatchObject([{ activity: 'a' }]);
    });

    it('has those who wait looked at, too, until they have it', async () => {
      await ask(aRequest('a'), NOW + 10);
      await ask(aRequest('a'), NOW);
      expect(await theStore().due(NOW + 9, 10)).toEqual([]);
      expect(await theStore().due(NOW + 10, 10)).toEqual([aRequest('a')]);
      await theStore().lookAgain(aRequest('a'), NOW + 20);
      expect(await theStore().due(NOW + 19, 10)).toEqual([]);

      await grant();
      await theStore().lookAgain(aRequest('a'), LOOK_AT + 1);

      expect(await theStore().due(LOOK_AT - 1, 10)).toEqual([]);
      expect(await theStore().due(LOOK_AT, 10)).toMatchObject([{ activity: 'a', isTold: false }]);
    });
  });
}

/** What every store of slots does besides. */
export function describeSlots(name: string, theStore: () => LockStore): void {
  const grant = (lock = 'door') => theStore().grant(lock, NOW, LOOK_AT);

  async function giveAll(): Promise<readonly string[]> {
    const given: string[] = [];
    for (;;) {
      const holder = await grant();
      if (holder === undefined || holder.isTold) return given;
      given.push(holder.activity);
      await theStore().markTold(holder, NOW, LOOK_AT);
    }
  }

  describe(`${name}: what several may have`, () => {
    const askers = ['a', 'b', 'c', 'd'].map((id, at) =>
      aRequest(id, { askedAt: NOW + at, limit: 2 }),
    );

    it('is given to so many, in the order they asked, each told before the next', async () => {
      for (const asker of askers.toReversed()) await theStore().ask(asker, LOOK_AT);

      expect(await grant()).toMatchObject({ activity: 'a', isTold: false });
      expect(await grant()).toMatchObject({ activity: 'a', isTold: false });
      expect(await giveAll()).toEqual(['a', 'b']);
      await theStore().withdraw(aRequest('a'));
      expect(await giveAll()).toEqual(['c']);
      await theStore().withdraw(aRequest('d'));
      await theStore().withdraw(aRequest('b'));
      expect(await giveAll()).toEqual([]);
    });

    it('is never given to more, however many give at once', async () => {
      const many = Array.from({ length: 20 }, (_, at) => aRequest(`activity-${at}`, { limit: 3 }));
      await Promise.all(many.map((asker) => theStore().ask(asker, LOOK_AT)));
      const held = new Set<string>();
      await Promise.all(
        many.map(async () => {
          for (const holder of [await grant(), await grant()]) {
            if (holder === undefined || holder.isTold) continue;
            held.add(holder.activity);
            await theStore().markTold(holder, NOW, LOOK_AT);
          }
        }),
      );
      for (const id of await giveAll()) held.add(id);

      expect(held.size).toBe(3);
      const looked = await theStore().due(LOOK_AT, 100);
      expect(looked.filter((one) => 'grantedAt' in one)).toHaveLength(3);
    });

    it('goes by the limit of whoever is next', async () => {
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

    it('is not given before its time, and then in the order they asked', async () => {
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

    it('keeps the terms of each, and shows none that is turned away', async () => {
      const [one, other] = [
        aRequest('a', { limit: 2, throttleMs: 5 }),
        aRequest('b', { limit: 2, askedAt: NOW + 1 }),
      ];
      for (const asker of [one, other]) await theStore().ask(asker, LOOK_AT);
      await theStore().turnAway(other, { code: 'FULL', reason: 'no slot' }, LOOK_AT);
      const all = { skip: 0, limit: 9 };

      expect(await theStore().newest('door', { ...all, waiting: true })).toEqual([one]);
      expect(await theStore().newest('door', { ...all, waiting: false })).toEqual([one]);
    });

    it('shows the newest first, those who wait alone if they are meant', async () => {
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

    it('is never given to one that is turned away, and who has it is not', async () => {
      const why = { code: 'WHY', reason: 'because' };
      for (const asker of askers) await theStore().ask(asker, LOOK_AT);
      await giveAll();
      const turnAway = (id: string) => theStore().turnAway(aRequest(id), why, NOW + 1);

      expect(await turnAway('a')).toBe(false);
      expect(await turnAway('nobody')).toBe(false);
      expect([await turnAway('c'), await turnAway('c')]).toEqual([true, true]);
      await theStore().withdraw(aRequest('a'));
      expect(await giveAll()).toEqual(['d']);
      expect(await theStore().due(NOW + 1, 9)).toMatchObject([{ activity: 'c', turnedAway: why }]);
      await theStore().withdraw(aRequest('c'));
      expect(await turnAway('c')).toBe(false);
    });

    it('is kept back for its time after it was given back', async () => {
      const asker = aRequest('a', { limit: 1 });
      await theStore().ask(asker, LOOK_AT);
      await theStore().ask(aRequest('b', { askedAt: NOW + 1, limit: 1 }), LOOK_AT);
      expect(await giveAll()).toEqual(['a']);

      await theStore().keepBack(asker, 100, NOW + 99);
      expect(await giveAll()).toEqual([]);
      expect(await theStore().due(NOW + 99, 9)).toEqual([]);
      expect(await theStore().due(NOW + 100, 9)).toMatchObject([
        { activity: 'a', isTold: true, leaseMs: 100 },
      ]);
      await theStore().keepBack(asker, 100, NOW + 100);
      expect(await giveAll()).toEqual(['b']);
    });

    it('is not kept back for one that has not had it', async () => {
      await theStore().ask(aRequest('a'), LOOK_AT);
      await theStore().keepBack(aRequest('a'), 100, NOW);

      expect(await giveAll()).toEqual([]);
      expect(await theStore().due(LOOK_AT, 9)).toEqual([]);
    });
  });
}
