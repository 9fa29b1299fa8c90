import { BoundedMap } from '@app/collections';
import { type Activity } from '@app/persistence';

/** The most activities that are remembered. */
const REMEMBERED_MAX = 10_000;

/**
 * Decides which due activities an executor starts without a claim write. The first commit of such a run is its claim:
 * it is conditional on the lock version that was read, so only one of several executors continues, and no effect begins
 * before it. An activity with a lease or takeovers is always claimed (`DueClaim.unclaimed`).
 *
 * 1. An activity that is found again with the same lock version is claimed. Its run wrote nothing, and a claim
 *    postpones it and counts the takeover.
 * 2. In the first `leaseMs` of its life an executor claims everything: a run that killed it before is still due, and
 *    among the oldest. So a run that kills executors kills each once before its takeovers are counted.
 */
export class UnclaimedWork {
  readonly #taken = new BoundedMap<number>(REMEMBERED_MAX);
  readonly #from: number;

  /**
   * @param now when this executor began, in milliseconds since 1970
   * @param leaseMs how long it claims everything, in milliseconds
   */
  constructor(now: number, leaseMs: number) {
    this.#from = now + leaseMs;
  }

  /** The decision for activities that are found at `now`. Each one that is started without a claim is remembered. */
  at(now: number): (due: Pick<Activity, 'id' | 'lockVersion'>) => boolean {
    return (due) => now >= this.#from && this.#isNew(due);
  }

  #isNew({ id, lockVersion }: Pick<Activity, 'id' | 'lockVersion'>): boolean {
    if (this.#taken.get(id) === lockVersion) return false;
    this.#taken.set(id, lockVersion);
    return true;
  }
}
