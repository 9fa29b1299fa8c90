import { BoundedMap } from '../storage/bounded-map.js';
import { type ScopeStore, type ScopeVersion } from './scope-store.js';

/** Versions that are kept in memory; each takes a few hundred KiB at most. */
const VERSIONS_MAX = 100;
const SCOPES_MAX = 10_000;
/** A version does not change, but the text of a secret can be taken out of it. */
const VERSION_MS_MAX = 10_000;

interface Read {
  readonly at: number;
  readonly found: Promise<ScopeVersion | undefined>;
}

/**
 * Parameters and secrets (still encrypted) as they were a moment ago, so that not every run asks the store.
 * Whoever changes a scope tells this one; other processes know it within `latestMsMax`.
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

  /** One read for all who ask meanwhile; one that failed is not remembered. */
  async #read(
    known: BoundedMap<Read>,
    key: string,
    msMax: number,
    read: () => Promise<ScopeVersion | undefined>,
  ): Promise<ScopeVersion | undefined> {
    const now = this.monotonicMs();
    const before = known.get(key);
    if (before && now - before.at < msMax) return before.found;
    const fresh = { at: now, found: read() };
    known.set(key, fresh);
    try {
      return await fresh.found;
    } catch (error) {
      if (known.get(key) === fresh) known.delete(key);
      throw error;
    }
  }
}
