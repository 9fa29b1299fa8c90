import { ApiTokenExistsError, ApiTokenNotFoundError, ApiTokensFullError } from '../errors.js';
import { API_TOKENS_MAX, type ApiToken, type ApiTokenStore } from '../tokens/api-token-store.js';
import { NOW } from './builders.js';

/** In the past, whatever clock a store uses. */
const EXPIRED = { expiresAt: Date.UTC(2001, 0, 1) };

function aToken(label: string, differences: Partial<ApiToken> = {}): ApiToken {
  const hash = `hash of ${label}`;
  return {
    id: `id of ${label}`,
    label,
    role: 'viewer',
    groups: [],
    hash,
    createdAt: NOW,
    ...differences,
  };
}

/** What every `ApiTokenStore` does; `theStore` gives an empty one. */
export function describeApiTokenStore(name: string, theStore: () => ApiTokenStore): void {
  describe(name, () => {
    it('returns an added token by its hash, and in the list by labels', async () => {
      const scope = { workflows: ['wf1'], labels: { 'a.b': 'c', $d: '' } };
      const bob = aToken('bob', {
        role: 'approver',
        groups: ['finance'],
        scope,
        expiresAt: NOW + 1,
      });
      const ada = aToken('ada');
      await theStore().add(bob);
      await theStore().add(ada);

      expect(await theStore().list()).toEqual([ada, bob]);
      expect(await theStore().findByHash(bob.hash)).toEqual(bob);
      expect(await theStore().findByHash('another')).toBeUndefined();
    });

    it('gives a label to one of ten concurrent callers', async () => {
      const tokens = Array.from({ length: 10 }, (_, at) =>
        aToken('ada', { id: `${at}`, hash: `${at}` }),
      );

      const added = await Promise.allSettled(tokens.map((token) => theStore().add(token)));

      const refused = added.flatMap((one) =>
        one.status === 'rejected' ? [one.reason as unknown] : [],
      );
      expect(refused).toHaveLength(9);
      for (const reason of refused) expect(reason).toBeInstanceOf(ApiTokenExistsError);
      const winner = tokens[added.findIndex(({ status }) => status === 'fulfilled')];
      expect(await theStore().list()).toEqual([winner]);
    });

    it('accepts the same token again, after a lost answer', async () => {
      await theStore().add(aToken('ada'));
      await theStore().add(aToken('ada'));

      expect(await theStore().list()).toEqual([aToken('ada')]);
    });

    it('forgets a removed token, whose label is free then', async () => {
      await theStore().add(aToken('ada'));
      await theStore().remove('id of ada');

      expect(await theStore().findByHash('hash of ada')).toBeUndefined();
      await expect(theStore().remove('id of ada')).rejects.toThrow(ApiTokenNotFoundError);
      await theStore().add(aToken('ada', { id: 'new' }));
    });

    it('stores no more than its bound', async () => {
      const labels = Array.from({ length: API_TOKENS_MAX }, (_, at) => `person ${at}`);
      // In groups, so that no request waits for a connection of the pool until its deadline.
      while (labels.length > 0) {
        await Promise.all(labels.splice(0, 20).map((label) => theStore().add(aToken(label))));
      }

      await expect(theStore().add(aToken('one more'))).rejects.toThrow(ApiTokensFullError);
    });

    it('removes expired tokens when one is added, and frees their labels', async () => {
      const valid = aToken('eve', { expiresAt: NOW });
      const next = aToken('ada', { id: 'next', hash: 'next' });
      await theStore().add(valid);
      await theStore().add(aToken('forever'));
      await theStore().add(aToken('ada', EXPIRED));
      await theStore().add(next);

      expect(await theStore().list()).toEqual([next, valid, aToken('forever')]);
      expect(await theStore().findByHash('hash of ada')).toBeUndefined();
    });

    it('has room when one token below the bound is valid', async () => {
      const labels = Array.from({ length: API_TOKENS_MAX - 1 }, (_, at) => `person ${at}`);
      while (labels.length > 0) {
        await Promise.all(labels.splice(0, 20).map((label) => theStore().add(aToken(label))));
      }
      await theStore().add(aToken('expired', EXPIRED));

      await theStore().add(aToken('one more'));
      await expect(theStore().add(aToken('two more'))).rejects.toThrow(ApiTokensFullError);
    });
  });
}
