import { MemoryScopeStore } from '../testing/memory/memory-scope-store.js';
import { NOW } from '../testing/builders.js';
import { INSTALLATION, type ScopeVersion } from './scope-store.js';
import { ScopeCache } from './scope-cache.js';

const LATEST_MS_MAX = 500;

let now: number;
let store: CountingStore;
let cache: ScopeCache;

/** Notes reads, and can hold their answers back. */
class CountingStore extends MemoryScopeStore {
  reads = 0;
  held: Promise<void> = Promise.resolve();

  override async latest(scope: string): Promise<ScopeVersion | undefined> {
    this.reads += 1;
    const found = super.latest(scope);
    await this.held;
    return found;
  }
}

beforeEach(() => {
  now = 0;
  store = new CountingStore();
  cache = new ScopeCache(store, LATEST_MS_MAX, () => now);
});

async function latest(): Promise<number | undefined> {
  return (await cache.latest(INSTALLATION))?.version;
}

async function putVersion(): Promise<void> {
  const change = (content: ScopeVersion | object) => ({ parameters: {}, secrets: [], ...content });
  await store.put({ scope: INSTALLATION, createdAt: NOW, replacedBefore: 0, change });
}

/** Whatever was resolved has been taken. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe(ScopeCache.name, () => {
  it('reads once for many, and again when what it knows is too old', async () => {
    await Promise.all([latest(), latest()]);
    await putVersion();
    now = LATEST_MS_MAX / 2 - 1;
    const young = await latest();
    now = LATEST_MS_MAX;

    expect([young, await latest(), store.reads]).toEqual([undefined, 1, 2]);
  });

  it('reads again before that, beside whoever asks and once', async () => {
    await latest();
    await putVersion();
    let answer: () => void = () => undefined;
    store.held = new Promise((resolve) => (answer = resolve));
    now = LATEST_MS_MAX * 0.6;

    // Not answered: whoever asks does not wait for it.
    const meanwhile = [await latest(), await latest()];
    answer();
    await settled();
    // Old by the first read, and not by the second.
    now = LATEST_MS_MAX;

    expect([meanwhile, await latest()]).toEqual([[undefined, undefined], 1]);
    expect(store.reads).toBe(2);
  });

  it('serves what it knows for no longer when reading again fails', async () => {
    await latest();
    store.outage.begin();
    now = LATEST_MS_MAX - 1;
    await latest();
    await settled();
    now = LATEST_MS_MAX;

    await expect(latest()).rejects.toThrow();
  });

  it('takes nothing that was read before a change', async () => {
    await latest();
    let answer: () => void = () => undefined;
    store.held = new Promise((resolve) => (answer = resolve));
    now = LATEST_MS_MAX / 2;
    await latest();
    await putVersion();
    cache.changed({ scope: INSTALLATION, version: 1 });
    answer();
    await settled();

    expect(await latest()).toBe(1);
  });
});
