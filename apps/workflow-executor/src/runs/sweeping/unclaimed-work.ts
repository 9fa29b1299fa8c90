import { type Activity } from '@app/persistence';

/** Of what was taken up without a claim, as much is remembered. */
const REMEMBERED_MAX = 10_000;

/**
 * Which of what is due an executor takes up as it finds it, without a claim. The first commit of the run, on the
 * condition of the lock version that was found, is its claim: of several executors that take it up one gets on, and
 * no effect begins before that. What has a lease, or takeovers, is claimed in any case (`DueClaim.unclaimed`).
 *
 * 1. What is found again as it was is claimed: nothing was written, for whatever reason, and a claim puts it off and
 *    counts.
 * 2. In the first `leaseMs` of its life an executor claims everything: the run that killed it before is due still,
 *    and among the oldest. So a run that kills who takes it up kills each executor once before it is counted.
 */
export class UnclaimedWork {
  readonly #taken = new Map<string, number>();
  readonly #from: number;

  /** @param now when this executor began, in milliseconds since 1970 */
  constructor(now: number, leaseMs: number) {
    this.#from = now + leaseMs;
  }

  /** Which of what is found `now`; each that is taken is remembered. */
  at(now: number): (due: Pick<Activity, 'id' | 'lockVersion'>) => boolean {
    return (due) => now >= this.#from && this.#isNew(due);
  }

  #isNew({ id, lockVersion }: Pick<Activity, 'id' | 'lockVersion'>): boolean {
    if (this.#taken.get(id) === lockVersion) return false;
    this.#taken.delete(id);
    this.#taken.set(id, lockVersion);
    for (const oldest of this.#taken.keys()) {
      if (this.#taken.size <= REMEMBERED_MAX) break;
      this.#taken.delete(oldest);
    }
    return true;
  }
}
