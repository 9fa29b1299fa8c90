import { type GlobalToken, type GlobalTokenStore } from '../tokens/global-token-store.js';
import { NOW } from './builders.js';

function aToken(id: string): GlobalToken {
  return { id, hash: id.repeat(64), createdAt: NOW };
}

/** What every `GlobalTokenStore` does; `theStore` gives an empty one. */
export function describeGlobalTokenStore(name: string, theStore: () => GlobalTokenStore): void {
  describe(name, () => {
    it('stores exactly one of ten concurrent tokens', async () => {
      const tokens = Array.from({ length: 10 }, (_, index) => aToken(`${index}`));

      const taken = await Promise.all(tokens.map((token) => theStore().addFirst(token)));

      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await theStore().list()).toEqual([tokens[taken.indexOf(true)]]);
    });

    it('stores none after the first, and confirms the first again', async () => {
      expect(await theStore().addFirst(aToken('a'))).toBe(true);

      expect(await theStore().addFirst(aToken('b'))).toBe(false);
      expect(await theStore().addFirst(aToken('a'))).toBe(true);
      expect(await theStore().list()).toEqual([aToken('a')]);
    });

    it('is empty at first', async () => {
      expect(await theStore().list()).toEqual([]);
    });
  });
}
