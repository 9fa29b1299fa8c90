import { ScopeCache, type ScopeContent } from '@app/persistence';
import { MemoryScopeStore, aNewActivity, aState } from '@app/persistence/testing';
import { type Plan } from '@app/workflow-engine';
import { RunScopes } from './run-scopes.js';

const ORIGIN = aNewActivity();
const NONE: ReadonlySet<string> = new Set();
const USES_BOTH = { uses: { parameters: true, secrets: true }, secretParams: NONE } as Plan;
const USES_NOTHING = { uses: { parameters: false, secrets: false }, secretParams: NONE } as Plan;

let store: MemoryScopeStore;
let scopes: RunScopes;

beforeEach(() => {
  store = new MemoryScopeStore();
  scopes = new RunScopes(new ScopeCache(store, 0), { rootIn: () => undefined });
});

function put(scope: string, content: Partial<ScopeContent>): Promise<unknown> {
  const change = (latest: ScopeContent): ScopeContent => ({ ...latest, ...content });
  return store.put({ scope, createdAt: 1, replacedBefore: 0, change });
}

describe(RunScopes, () => {
  it('begins with the latest versions, and goes on with those of the state', async () => {
    await put('*', { parameters: { a: 1 } });
    await put(ORIGIN.workflowId, {});
    const begun = await scopes.scopeOf(ORIGIN, USES_BOTH);
    await put('*', { parameters: { a: 2 } });
    const state = { ...aState(), scope: { installation: 1, workflow: 1 } };

    expect(begun).toMatchObject({ versions: state.scope, global: { a: 1 } });
    expect(await scopes.scopeOf(ORIGIN, USES_BOTH, state)).toMatchObject({
      versions: state.scope,
      global: { a: 1 },
      secretNonce: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    expect(await scopes.scopeOf(ORIGIN, USES_BOTH)).toMatchObject({ global: { a: 2 } });
  });

  it('goes on without what came after the run had begun', async () => {
    await put('*', { parameters: { a: 1 } });

    const scope = await scopes.scopeOf(ORIGIN, USES_BOTH, aState());

    expect(scope).not.toHaveProperty('versions');
    expect(scope).not.toHaveProperty('global');
  });

  it.each([
    ['there is nothing', USES_BOTH, false],
    ['its tasks refer to nothing', USES_NOTHING, true],
    ['it is over', undefined, true],
  ])('names no version when %s, so that any build can go on', async (_when, plan, isThere) => {
    if (isThere) await put('*', { parameters: { a: 1 } });

    expect(await scopes.scopeOf(ORIGIN, plan)).not.toHaveProperty('versions');
  });

  it('reads no version for a secret parameter, and marks its places', async () => {
    await put('*', { parameters: { a: 1 } });
    await put(ORIGIN.workflowId, {});
    let reads = 0;
    const counted = new ScopeCache(store, 0);
    const counting = {
      latest: (scope: string) => ((reads += 1), counted.latest(scope)),
      get: (scope: string, version: number) => ((reads += 1), counted.get(scope, version)),
    };
    const plan: Plan = { ...USES_NOTHING, secretParams: new Set(['card']) };
    const scope = await new RunScopes(counting, { rootIn: () => undefined }).scopeOf(ORIGIN, plan);

    expect(scope).toHaveProperty('secretNonce', expect.stringMatching(/^[0-9a-f]{32}$/));
    expect(scope).not.toHaveProperty('versions');
    expect(reads).toBe(0);
  });

  it('keeps the versions of a state, also if the run needs none', async () => {
    const state = { ...aState(), scope: { installation: 1, workflow: 1 } };

    expect(await scopes.scopeOf(ORIGIN, USES_NOTHING, state)).toMatchObject({
      versions: state.scope,
    });
  });

  it('fails a run whose version is not kept any more', async () => {
    const state = { ...aState(), scope: { installation: 7 } };

    expect(await scopes.scopeOf(ORIGIN, USES_BOTH, state)).toMatchObject({
      level: 'workflow',
      code: 'SCOPE_VERSION_GONE',
    });
  });
});
