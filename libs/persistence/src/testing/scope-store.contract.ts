import {
  FORGOTTEN,
  type ScopeContent,
  type ScopeStore,
  type TaskSecret,
} from '../scopes/scope-store.js';
import { ScopeFullError } from '../errors.js';
import { NOW } from './builders.js';

const DAY_MS = 86_400_000;

function aSecret(name: string): TaskSecret {
  return { name, encrypted: `v1.key.${name}`, changedAt: NOW };
}

/** What every `ScopeStore` does; `theStore` gives an empty one. */
export function describeScopeStore(name: string, theStore: () => ScopeStore): void {
  function put(change: (latest: ScopeContent) => ScopeContent, createdAt = NOW, scope = '*') {
    return theStore().put({ scope, createdAt, replacedBefore: createdAt - DAY_MS, change });
  }

  describe(name, () => {
    it('is empty at first', async () => {
      expect(await theStore().latest('*')).toBeUndefined();
      expect(await theStore().get('*', 1)).toBeUndefined();
    });

    it('counts versions by scope, and keeps those before as they were', async () => {
      const first = await put((latest) => ({ ...latest, parameters: { 'a.b': { $x: 1 } } }));
      await put((latest) => ({ ...latest, secrets: [aSecret('one')] }), NOW, 'workflow');
      const second = await put((latest) => ({ ...latest, secrets: [aSecret('two')] }));

      expect([first.version, second.version]).toEqual([1, 2]);
      expect(await theStore().get('*', 1)).toEqual(first);
      expect(await theStore().latest('*')).toEqual(second);
      expect(second).toEqual({
        scope: '*',
        version: 2,
        parameters: { 'a.b': { $x: 1 } },
        secrets: [aSecret('two')],
        createdAt: NOW,
      });
    });

    it('gives each of ten concurrent changes the result of the one before', async () => {
      const names = Array.from({ length: 10 }, (_, index) => `n${index}`);

      await Promise.all(
        names.map((one) =>
          put(({ secrets, ...rest }) => ({ ...rest, secrets: [...secrets, aSecret(one)] })),
        ),
      );

      const latest = await theStore().latest('*');
      expect(latest?.version).toBe(10);
      expect(latest?.secrets.map((secret) => secret.name).sort()).toEqual(names);
    });

    it('changes nothing when the change throws or does not fit', async () => {
      const tooMany = Array.from({ length: 101 }, (_, index) => aSecret(`n${index}`));
      const oneTooMany = Object.fromEntries(tooMany.map(({ name }) => [name, 1]));
      const tooLarge = { large: 'x'.repeat(300_000) };

      for (const change of [
        { secrets: tooMany },
        { parameters: oneTooMany },
        { parameters: tooLarge },
      ])
        await expect(put((latest) => ({ ...latest, ...change }))).rejects.toThrow(ScopeFullError);
      await expect(
        put(() => {
          throw new RangeError('no');
        }),
      ).rejects.toThrow(RangeError);
      expect(await theStore().latest('*')).toBeUndefined();
    });

    it('forgets the text of a secret up to a version of its scope, and keeps its name', async () => {
      const forgotten = { ...aSecret('one'), encrypted: FORGOTTEN };
      await put((latest) => ({ ...latest, secrets: [aSecret('one'), aSecret('two')] }));
      await put((latest) => ({ ...latest, secrets: [aSecret('two')] }));
      const replaced = await put((latest) => ({ ...latest, secrets: [aSecret('one')] }));
      await put((latest) => ({ ...latest, secrets: [aSecret('one')] }), NOW, 'workflow');

      await theStore().forget('*', 'one', 2);

      expect((await theStore().get('*', 1))?.secrets).toEqual([forgotten, aSecret('two')]);
      expect((await theStore().get('*', 2))?.secrets).toEqual([aSecret('two')]);
      expect(await theStore().latest('*')).toEqual(replaced);
      expect((await theStore().latest('workflow'))?.secrets).toEqual([aSecret('one')]);
    });

    it('copies no forgotten text into the next version', async () => {
      await put((latest) => ({ ...latest, secrets: [aSecret('one'), aSecret('two')] }));
      await theStore().forget('*', 'one', 1);

      expect((await put((latest) => latest)).secrets).toEqual([aSecret('two')]);
    });

    it('removes versions that were replaced long ago, and keeps those that were the latest since', async () => {
      const keep = (latest: ScopeContent): ScopeContent => latest;
      await put(keep, NOW);
      await put(keep, NOW + 1);
      await put(keep, NOW + 10 * DAY_MS);

      const kept = await Promise.all([1, 2, 3].map((version) => theStore().get('*', version)));
      expect(kept.map((one) => one?.version)).toEqual([undefined, 2, 3]);
    });
  });
}
