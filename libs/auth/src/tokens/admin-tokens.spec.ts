import { jest } from '@jest/globals';
import { StoreUnavailableError } from '@app/persistence';
import { MemoryGlobalTokenStore, NOW } from '@app/persistence/testing';
import { AdminTokens } from './admin-tokens.js';

let store: MemoryGlobalTokenStore;
let now: number;

function adminTokens(configured?: string): AdminTokens {
  return new AdminTokens(store, () => now, configured);
}

beforeEach(() => {
  store = new MemoryGlobalTokenStore();
  now = NOW;
});

describe('the first token', () => {
  it('is returned to exactly one of ten executors that start at once', async () => {
    const texts = await Promise.all(Array.from({ length: 10 }, () => adminTokens().ensureFirst()));

    const told = texts.filter((text) => text !== undefined);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^bfg_/);
    expect(await adminTokens().accepts(told[0] ?? '')).toBe(true);
  });

  it('is made once and never returned again', async () => {
    const tokens = adminTokens();
    await tokens.ensureFirst();

    expect(await tokens.ensureFirst()).toBeUndefined();
    expect(await adminTokens().ensureFirst()).toBeUndefined();
    expect(await store.list()).toHaveLength(1);
  });

  it('is not made when one is configured', async () => {
    expect(await adminTokens('configured').ensureFirst()).toBeUndefined();
    expect(await store.list()).toEqual([]);
  });

  it('is returned by a later call when the answer to the insert was lost', async () => {
    const tokens = adminTokens();
    const addFirst = store.addFirst.bind(store);
    jest.spyOn(store, 'addFirst').mockImplementationOnce(async (token) => {
      await addFirst(token);
      throw new StoreUnavailableError('add the first token');
    });
    await expect(tokens.ensureFirst()).rejects.toThrow(StoreUnavailableError);

    const text = (await tokens.ensureFirst()) ?? '';
    expect(await adminTokens().accepts(text)).toBe(true);
  });

  it('is made by a later call when the store was unavailable', async () => {
    const tokens = adminTokens();
    store.outage.begin();
    await expect(tokens.ensureFirst()).rejects.toThrow(StoreUnavailableError);

    store.outage.end();
    expect(await tokens.ensureFirst()).toBeDefined();
  });
});

describe('a check', () => {
  it('accepts the configured token and no other, with or without the store', async () => {
    const stored = (await adminTokens().ensureFirst()) ?? '';
    const tokens = adminTokens('configured');
    store.outage.begin();

    expect(await tokens.accepts('configured')).toBe(true);
    expect(await tokens.accepts('Configured')).toBe(false);
    expect(await tokens.accepts(stored)).toBe(false);
    expect(await tokens.accepts('')).toBe(false);
  });

  it('accepts nothing while there is no token, and the first token as soon as it is made', async () => {
    const tokens = adminTokens();
    expect(await tokens.accepts('')).toBe(false);

    const text = (await adminTokens().ensureFirst()) ?? '';

    expect(await tokens.accepts(text)).toBe(true);
    expect(await tokens.accepts(`${text}x`)).toBe(false);
  });

  it('caches the stored tokens', async () => {
    const tokens = adminTokens();
    const text = (await tokens.ensureFirst()) ?? '';
    expect(await tokens.accepts(text)).toBe(true);
    store.outage.begin();

    expect(await tokens.accepts(text)).toBe(true);
    now += 60_000;
    await expect(tokens.accepts(text)).rejects.toThrow(StoreUnavailableError);
  });
});

describe('the principal', () => {
  it('is named by a label, which is no secret', async () => {
    const configured = new AdminTokens(new MemoryGlobalTokenStore(), () => NOW, 'right');
    expect(await configured.find('right')).toEqual({
      label: 'administrator',
      role: 'administrator',
      scope: { kind: 'everything' },
      groups: 'every',
    });

    const store = new MemoryGlobalTokenStore();
    const stored = new AdminTokens(store, () => NOW, undefined);
    const text = (await stored.ensureFirst()) ?? '';
    const [token] = await store.list();
    expect(await stored.find(text)).toMatchObject({
      label: `administrator ${token?.id ?? ''}`,
    });
  });
});
