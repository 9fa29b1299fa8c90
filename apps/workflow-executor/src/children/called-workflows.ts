import { BoundedMap } from '@app/collections';
import { type Workflow, type WorkflowCache, type WorkflowStore } from '@app/persistence';
import { CalledAmbiguousError, CalledNotFoundError } from './errors.js';

export interface NameSettings {
  /** How long a cached look-up of a name is valid, in milliseconds. */
  readonly freshMs: number;
  /** The largest number of names that are cached; the least recently used go first. */
  readonly namesMax: number;
}

const DEFAULT_NAME_SETTINGS: NameSettings = { freshMs: 1_000, namesMax: 10_000 };

interface Named {
  readonly workflow: Promise<Workflow | undefined>;
  /** By `now`, in milliseconds. */
  readonly until: number;
}

/**
 * The workflows that tasks call by id or name. Look-ups are cached for a short time, so a task soon sees a change, and
 * MongoDB is asked at most once for each name in that time, however many runs begin.
 */
export class CalledWorkflows {
  readonly #named: BoundedMap<Named>;

  constructor(
    private readonly workflows: Pick<WorkflowCache, 'recent'>,
    private readonly names: Pick<WorkflowStore, 'getByName'>,
    private readonly settings = DEFAULT_NAME_SETTINGS,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#named = new BoundedMap(settings.namesMax);
  }

  /**
   * @throws CalledNotFoundError
   * @throws CalledAmbiguousError for the id of one workflow that is the name of another
   */
  async find(ref: string): Promise<Workflow> {
    const [byId, byName] = await Promise.all([this.workflows.recent(ref), this.#byName(ref)]);
    if (byId && byName && byId.id !== byName.id) throw new CalledAmbiguousError(ref, byName.id);
    const found = byId ?? byName;
    if (!found) throw new CalledNotFoundError(ref);
    return found;
  }

  /** Concurrent callers share one query; a failed one is not cached. */
  async #byName(name: string): Promise<Workflow | undefined> {
    const known = this.#named.get(name);
    if (known && this.now() < known.until) return known.workflow;
    const until = this.now() + this.settings.freshMs;
    const named = { workflow: this.names.getByName(name), until };
    this.#named.set(name, named);
    try {
      return await named.workflow;
    } catch (error) {
      if (this.#named.get(name) === named) this.#named.delete(name);
      throw error;
    }
  }
}
