import { type ActivityStore } from '../../activities/activity-store.js';
import { aNewActivity, anEvent, jsonData, NOW, recorded } from '../builders.js';

export function describeWalk(theStore: () => ActivityStore): void {
  describe('a walk of claims', () => {
    const claim = {
      now: NOW,
      limit: 2,
      leaseMs: 1_000,
      owner: 'sweeper',
      unclaimed: () => true,
    };
    let walk: AbortController;
    let ids: readonly string[];

    beforeEach(async () => {
      walk = new AbortController();
      const found: string[] = [];
      for (let at = 0; at < 5; at += 1) {
        found.push((await recorded(theStore(), `${at}`, NOW - 9 + at)).id);
      }
      ids = found;
    });

    afterEach(() => {
      walk.abort();
    });

    async function next(more: { skip?: number; limit?: number } = {}): Promise<readonly string[]> {
      const given = await theStore().claimDue({ ...claim, ...more, walk: walk.signal });
      return given.map(({ id }) => id);
    }

    it('finds each once, though none of them was written to', async () => {
      expect([await next(), await next(), await next(), await next()]).toEqual([
        [ids[0], ids[1]],
        [ids[2], ids[3]],
        [ids[4]],
        [],
      ]);
      walk = new AbortController();
      expect(await next()).toEqual([ids[0], ids[1]]);
    });

    it('leaves the oldest to others at its beginning, unless nothing else is due', async () => {
      expect([await next({ skip: 2 }), await next({ skip: 2 })]).toEqual([
        [ids[2], ids[3]],
        [ids[4]],
      ]);
      walk = new AbortController();
      expect([await next({ skip: 5 }), await next()]).toEqual([
        [ids[0], ids[1]],
        [ids[2], ids[3]],
      ]);
    });

    it('gives no more than each claim asks for', async () => {
      expect([await next(), await next({ limit: 1 }), await next({ limit: 1 })]).toEqual([
        [ids[0], ids[1]],
        [ids[2]],
        [ids[3]],
      ]);
    });

    it('gives with the next claim what was too many bytes for one', async () => {
      const data = jsonData('x'.repeat(100_000));
      for (const id of ['large', 'larger', 'largest']) {
        await theStore().record(aNewActivity({ event: anEvent({ id, data }), wakeAt: NOW - 20 }));
      }
      const given: number[] = [];
      const seen = new Set<string>();

      for (let look = 0; look < 6; look += 1) {
        const walking = { walk: walk.signal, limit: 4, bytesMax: 150_000 };
        const found = await theStore().claimDue({ ...claim, ...walking });
        given.push(found.length);
        for (const { id } of found) seen.add(id);
      }

      expect(given.slice(0, 2)).toEqual([1, 1]);
      expect(seen.size).toBe(8);
    });
  });
}
