import { BoundedMap } from '@app/collections';
import { type ScopeStore, type ScopeVersion } from './scope-store.js';

/** The most versions in memory; each takes a few hundred KiB at most. */
const VERSIONS_MAX = 100;
const SCOPES_MAX = 10_000;
/** A version is cached only for a time, because the text of a deleted secret is removed from it. */
const VERSION_MS_MAX = 10_000;

/** Of its time, after this part a read is done again beside whoever asks, so that with some load nobody waits for one. */
const RENEWED_AFTER = 1 / 2;

interface Read {
  readonly at: number;
  readonly found: Promise<ScopeVersion | undefined>;
  isRenewed: boolean;
}

/**
 * Caches parameters and (encrypted) secrets, so that not every run reads them from the store. A change in this process
 * must be reported to the cache; changes of other processes are seen within `latestMsMax` milliseconds.
 */
export class ScopeCache {
  readonly #latest = new BoundedMap<Read>(SCOPES_MAX);
  readonly #versions = new BoundedMap<Read>(VERSIONS_MAX);

  constructor(
    private readonly store: ScopeStore,
    private readonly latestMsMax: number,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** @throws StoreUnavailableError */
  latest(scope: string): Promise<ScopeVersion | undefined> {
    return this.#read(this.#latest, scope, this.latestMsMax, () => this.store.latest(scope));
  }

  /** @throws StoreUnavailableError */
  get(scope: string, version: number): Promise<ScopeVersion | undefined> {
    const key = `${version}@${scope}`;
    const read = (): Promise<ScopeVersion | undefined> => this.store.get(scope, version);
    return this.#read(this.#versions, key, VERSION_MS_MAX, read);
  }

  changed({ scope, version }: Pick<ScopeVersion, 'scope' | 'version'>): void {
    this.#latest.delete(scope);
    this.#versions.delete(`${version}@${scope}`);
  }

  /** Shares one read among concurrent callers; a failed read is not cached. */
  async #read(
    known: BoundedMap<Read>,
    key: string,
    msMax: number,
    read: () => Promise<ScopeVersion | undefined>,
  ): Promise<ScopeVersion | undefined> {
    const at = this.monotonicMs();
    const before = known.get(key);
    if (before && at - before.at < msMax) {
      const isDue = !before.isRenewed && at - before.at >= msMax * RENEWED_AFTER;
      if (isDue) void this.#renew(known, key, before, { at, found: read(), isRenewed: false });
      return before.found;
    }
    const fresh = { at, found: read(), isRenewed: false };
    known.set(key, fresh);
    try {
      return await fresh.found;
    } catch (error) {
      if (known.get(key) === fresh) known.delete(key);
      throw error;
    }
  }

  /** Refreshes in the background. While that is under way, or if it fails, the cached value serves until it expires. */
  async #renew(known: BoundedMap<Read>, key: string, before: Read, fresh: Read): Promise<void> {
    before.isRenewed = true;
    const isRead = await fresh.found.then(
      () => true,
      () => false,
    );
    if (isRead && known.get(key) === before) known.set(key, fresh);
  }
}
