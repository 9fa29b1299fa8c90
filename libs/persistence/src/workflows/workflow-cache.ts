import { StoreUnavailableError } from '../errors.js';
import { BoundedMap } from '@app/collections';
import { type Workflow, type WorkflowRevision } from './workflow.js';
import { type WorkflowStore } from './workflow-store.js';

/** All times are in milliseconds. */
export interface WorkflowCacheSettings {
  /** How long an entry is used without a query of the store. */
  readonly freshMs: number;
  /** How long after that an entry is still used while the store is unavailable. */
  readonly staleMsMax: number;
  /** How long an id or token that the store does not know is cached as unknown. */
  readonly unknownMs: number;
  /** Workflows, unknown ids, unknown tokens and revisions that are kept, each; the least recently used go first. */
  readonly entriesMax: number;
}

export const DEFAULT_WORKFLOW_CACHE_SETTINGS: WorkflowCacheSettings = {
  freshMs: 5_000,
  staleMsMax: 600_000,
  unknownMs: 1_000,
  entriesMax: 10_000,
};

interface Entry {
  readonly workflow: Workflow;
  readonly loadedAt: number;
  /** When the store is queried again. */
  readonly dueAt: number;
}

interface TokenList {
  readonly workflows: readonly Workflow[];
  readonly loadedAt: number;
  readonly dueAt: number;
  readonly invalidations: number;
}

/** Workflows that one token may start with one event. */
export const TOKEN_WORKFLOWS_MAX = 10_000;

/** Tokens whose workflows are kept; the least recently used go first. */
const TOKEN_LISTS_MAX = 100;

/**
 * The workflows as the ingress and the executors see them: a bounded cache that serves during an outage of MongoDB.
 *
 * 1. An id is loaded by one caller at a time; the others wait for the same answer.
 * 2. The result of a load that began before a change is returned to its callers; it is cached only if
 *    it contains the change.
 * 3. During an outage of the store only cached workflows are returned, for at most `staleMsMax`. It is
 *    unknown then whether other workflows exist, so a query for one fails instead of returning none.
 */
export class WorkflowCache {
  readonly #entries: BoundedMap<Entry>;
  /** Until when an id is cached as unknown. Apart from the entries, so that invented ids can't evict them. */
  readonly #unknownUntil: BoundedMap<number>;
  /** Until when a token is cached as unknown, by its hash. */
  #unknownTokensUntil: BoundedMap<number>;
  /** Until when `recent` does not query the store for an id again. */
  readonly #recentUntil: BoundedMap<number>;
  readonly #revisions: BoundedMap<WorkflowRevision>;
  /** The workflows of a token, by its hash. */
  readonly #lists = new BoundedMap<TokenList>(TOKEN_LISTS_MAX);
  readonly #listLoads = new Map<string, Promise<readonly Workflow[]>>();
  readonly #loads = new Map<string, Promise<Workflow | undefined>>();
  readonly #tokenLoads = new Map<string, Promise<Workflow | undefined>>();
  /** The number of invalidations: the result of a query that began before the last one may be out of date. */
  #invalidations = 0;

  constructor(
    private readonly store: WorkflowStore,
    private readonly settings: WorkflowCacheSettings = DEFAULT_WORKFLOW_CACHE_SETTINGS,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#entries = new BoundedMap(settings.entriesMax);
    this.#unknownUntil = new BoundedMap(settings.entriesMax);
    this.#unknownTokensUntil = new BoundedMap(settings.entriesMax);
    this.#recentUntil = new BoundedMap(settings.entriesMax);
    this.#revisions = new BoundedMap(settings.entriesMax);
  }

  /**
   * The workflow, or undefined when there is none.
   * @throws StoreUnavailableError when it is not in the cache and the store is unavailable
   */
  async find(id: string): Promise<Workflow | undefined> {
    const entry = this.#entries.get(id);
    if (entry && this.now() < entry.dueAt) return entry.workflow;
    if (this.now() < (this.#unknownUntil.get(id) ?? 0)) return undefined;
    try {
      return await this.#loadOnce(id);
    } catch (error) {
      const stale = this.#entries.get(id);
      if (!stale || !(error instanceof StoreUnavailableError) || this.#isTooOld(stale)) throw error;
      this.#entries.set(id, { ...stale, dueAt: this.now() + this.settings.unknownMs });
      return stale.workflow;
    }
  }

  /**
   * The workflow as the store had it less than `unknownMs` ago. The store is queried once in that time,
   * for existing and unknown ids alike and whatever the cache has; for a workflow in the cache it returns
   * no data, as for one that does not exist. So neither cost nor failure reveals which workflows exist.
   * @throws StoreUnavailableError
   */
  async recent(id: string): Promise<Workflow | undefined> {
    const entry = this.#entries.get(id);
    const isKnown = entry !== undefined || this.now() < (this.#unknownUntil.get(id) ?? 0);
    if (isKnown && this.now() < (this.#recentUntil.get(id) ?? 0)) return entry?.workflow;
    const workflow = await this.#loadOnce(id, () => this.store.getAgain(id, entry?.workflow));
    this.#recentUntil.set(id, this.now() + this.settings.unknownMs);
    return workflow;
  }

  /**
   * The workflow in the cache, which may be out of date, without a query of the store. Undefined does
   * not mean that the workflow does not exist.
   */
  peek(id: string): Workflow | undefined {
    const entry = this.#entries.get(id);
    return entry && !this.#isTooOld(entry) ? entry.workflow : undefined;
  }

  /**
   * Those of the ids that are workflows, by the store; while it is unavailable, those in the cache.
   */
  async existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    try {
      return await this.store.existing(ids);
    } catch {
      return new Set(ids.filter((id) => this.peek(id) !== undefined));
    }
  }

  /**
   * The workflow that has the token, by the hash of the token. The store is queried whatever the cache
   * has, unless the token is cached as unknown (`unknownMs`). So neither cost nor failure reveals which
   * workflows exist.
   * @throws StoreUnavailableError
   */
  async findByToken(hash: string): Promise<Workflow | undefined> {
    if (this.now() < (this.#unknownTokensUntil.get(hash) ?? 0)) return undefined;
    const running = this.#tokenLoads.get(hash);
    if (running) return running;
    const load = this.#loadByToken(hash).finally(() => {
      if (this.#tokenLoads.get(hash) === load) this.#tokenLoads.delete(hash);
    });
    this.#tokenLoads.set(hash, load);
    return load;
  }

  /**
   * All workflows that have the token, by its hash; the same list until one of any changes.
   * @throws StoreUnavailableError when neither cache nor store can tell
   */
  async findAllByToken(hash: string): Promise<readonly Workflow[]> {
    const known = this.#lists.get(hash);
    if (known && this.now() < known.dueAt && known.invalidations === this.#invalidations)
      return known.workflows;
    if (this.now() < (this.#unknownTokensUntil.get(hash) ?? 0)) return [];
    const { freshMs, staleMsMax, unknownMs } = this.settings;
    try {
      return await this.#listOnce(hash);
    } catch (error) {
      const isStale = known && this.now() <= known.loadedAt + freshMs + staleMsMax;
      if (!isStale || !(error instanceof StoreUnavailableError)) throw error;
      this.#lists.set(hash, { ...known, dueAt: this.now() + unknownMs });
      return known.workflows;
    }
  }

  /**
   * A revision never changes, so a cached one is used until it is evicted.
   * @throws StoreUnavailableError
   */
  async revision(id: string, revision: number): Promise<WorkflowRevision | undefined> {
    const key = `${id}:${revision}`;
    const known = this.#revisions.get(key);
    if (known) return known;
    const loaded = await this.store.getRevision(id, revision);
    if (loaded) this.#revisions.set(key, loaded);
    return loaded;
  }

  /** Removes the workflow from the cache, because it or its tokens have changed. */
  invalidate(id: string): void {
    this.#entries.delete(id);
    this.#unknownUntil.delete(id);
    this.#recentUntil.delete(id);
    this.#loads.delete(id);
    this.#forgetTokens();
  }

  /**
   * The same if what is known of it is another version than this. A load that was under way is kept
   * if it brings this version or a later one: who was served has the workflow in the cache then.
   */
  changed(id: string, lockVersion: number): void {
    if (this.#entries.get(id)?.workflow.lockVersion === lockVersion) return;
    const running = this.#loads.get(id);
    this.invalidate(id);
    if (running === undefined) return;
    const load = this.#loadOnce(id, async () => {
      const workflow = await running.catch(() => undefined);
      return workflow && workflow.lockVersion >= lockVersion ? workflow : this.store.get(id);
    });
    // Its callers get the error.
    load.catch(() => undefined);
  }

  /**
   * Handles a notice that the workflow has changed, with its new lock version, or undefined if it was deleted. A
   * cached workflow of that version or a later one is kept, so that it is still there if MongoDB fails now.
   */
  takeNotice(id: string, lockVersion: number | undefined): void {
    const known = this.#entries.get(id)?.workflow.lockVersion ?? -1;
    if (lockVersion === undefined) this.invalidate(id);
    else if (known < lockVersion) this.changed(id, lockVersion);
    else this.#forgetTokens();
  }

  /** Removes all cached answers about tokens. */
  #forgetTokens(): void {
    this.#unknownTokensUntil = new BoundedMap(this.settings.entriesMax);
    this.#tokenLoads.clear();
    this.#listLoads.clear();
    this.#invalidations += 1;
  }

  async #loadByToken(hash: string): Promise<Workflow | undefined> {
    const invalidations = this.#invalidations;
    const workflow = await this.store.getByToken(hash);
    if (invalidations !== this.#invalidations) return workflow;
    if (workflow) this.#keep(workflow.id, workflow);
    else this.#unknownTokensUntil.set(hash, this.now() + this.settings.unknownMs);
    return workflow;
  }

  /** Concurrent callers share one query, unless a workflow has changed meanwhile. */
  #listOnce(hash: string): Promise<readonly Workflow[]> {
    const running = this.#listLoads.get(hash);
    if (running) return running;
    const load = this.#loadList(hash).finally(() => {
      if (this.#listLoads.get(hash) === load) this.#listLoads.delete(hash);
    });
    this.#listLoads.set(hash, load);
    return load;
  }

  async #loadList(hash: string): Promise<readonly Workflow[]> {
    const { freshMs, unknownMs } = this.settings;
    const invalidations = this.#invalidations;
    const workflows = await this.store.listByToken(hash, TOKEN_WORKFLOWS_MAX + 1);
    if (invalidations !== this.#invalidations) return workflows;
    const now = this.now();
    if (workflows.length === 0) this.#unknownTokensUntil.set(hash, now + unknownMs);
    else this.#lists.set(hash, { workflows, loadedAt: now, dueAt: now + freshMs, invalidations });
    return workflows;
  }

  #loadOnce(id: string, look = () => this.store.get(id)): Promise<Workflow | undefined> {
    const running = this.#loads.get(id);
    if (running) return running;
    const load: Promise<Workflow | undefined> = look()
      .then((workflow) => {
        if (this.#loads.get(id) === load) this.#keep(id, workflow);
        return workflow;
      })
      .finally(() => {
        if (this.#loads.get(id) === load) this.#loads.delete(id);
      });
    this.#loads.set(id, load);
    return load;
  }

  #keep(id: string, workflow: Workflow | undefined): void {
    const now = this.now();
    if (workflow) {
      this.#entries.set(id, { workflow, loadedAt: now, dueAt: now + this.settings.freshMs });
      return;
    }
    this.#entries.delete(id);
    this.#unknownUntil.set(id, now + this.settings.unknownMs);
  }

  #isTooOld({ loadedAt }: Entry): boolean {
    return this.now() > loadedAt + this.settings.freshMs + this.settings.staleMsMax;
  }
}
