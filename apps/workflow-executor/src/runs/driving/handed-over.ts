import { type Log } from '@app/observability';
import { type ActivityStore, type LettingGo } from '@app/persistence';
import { type KnownRecord } from '../known-record.js';
import { standingOf, wakeUpOf } from './standing-of.js';

/** A run that only waits for the answer of whoever was given its task. */
export interface HandedOverRun extends LettingGo {
  /** Until when its record has to say so, in milliseconds since 1970: then its lease is nearly over. */
  readonly letGoAt: number;
}

/** What is written in one command. */
const BATCH_MAX = 256;
/** Runs that are remembered; the oldest of more are let go of at once. */
const HANDED_OVER_MAX = 50_000;

/**
 * Runs that nobody here works on any more, with a lease of this executor and the task that a worker has still in
 * their outboxes.
 *
 * 1. The commit of the answer takes both, whichever executor it is of; so most of these cost no write of their own.
 * 2. What is not answered in two thirds of a lease is let go of, many in one write. One that somebody else has
 *    written to since stays as it is.
 * 3. Of a run this keeps what that write has to say, and no more.
 * 4. A notice of a signal may get lost: what has one in its inbox by then is due at once.
 */
export class HandedOver {
  readonly #runs = new Map<string, HandedOverRun>();
  #timer: NodeJS.Timeout | undefined;

  /** @param giveUp the leases of runs that somebody has to look at now */
  constructor(
    private readonly store: Pick<ActivityStore, 'letGo' | 'withSignals'>,
    private readonly clock: () => number,
    private readonly giveUp: (ids: readonly string[]) => Promise<void>,
    private readonly log: Log,
  ) {}

  has(id: string): boolean {
    return this.#runs.has(id);
  }

  add(run: HandedOverRun): void {
    this.#runs.delete(run.id);
    this.#runs.set(run.id, run);
    if (this.#runs.size > HANDED_OVER_MAX) void this.#letGoOf(this.#oldest(BATCH_MAX));
    else this.#wait();
  }

  /** Somebody works on it again. */
  forget(id: string): void {
    this.#runs.delete(id);
  }

  /** Lets go of all of them. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#runs.size > 0) await this.#letGoOf(this.#oldest(BATCH_MAX));
  }

  #wait(): void {
    const [first] = this.#runs.values();
    if (this.#timer || !first) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#letGoOfDue();
      },
      Math.max(0, first.letGoAt - this.clock()),
    );
  }

  async #letGoOfDue(): Promise<void> {
    for (;;) {
      const now = this.clock();
      const due = this.#oldest(BATCH_MAX, ({ letGoAt }) => letGoAt <= now);
      if (due.length === 0) break;
      await this.#letGoOf(due);
    }
    this.#wait();
  }

  /** Takes them out. All stay for about the same time, so the first are the oldest. */
  #oldest(
    max: number,
    isWanted: (run: HandedOverRun) => boolean = () => true,
  ): readonly HandedOverRun[] {
    const oldest: HandedOverRun[] = [];
    for (const run of this.#runs.values()) {
      if (oldest.length === max || !isWanted(run)) break;
      oldest.push(run);
    }
    for (const { id } of oldest) this.#runs.delete(id);
    return oldest;
  }

  /** If it can't be done the leases run out, and a sweeper comes. */
  async #letGoOf(runs: readonly HandedOverRun[]): Promise<void> {
    try {
      if ((await this.store.letGo(runs)) === 'all') return;
      const signalled = await this.store.withSignals(runs.map(({ id }) => id));
      await this.giveUp(signalled);
    } catch (err) {
      this.log.warn(
        { err, activities: runs.length },
        'Runs are not let go of; their leases run out',
      );
    }
  }
}

/** What there is to say later of a run that waits for one answer; undefined for all others. */
export function handedOverOf(
  id: string,
  { state, outbox, lockVersion }: KnownRecord,
  letGoAt: number,
  now: number,
): HandedOverRun | undefined {
  if (outbox.length !== 1 || state === undefined || standingOf(state) !== 'waiting')
    return undefined;
  const { wakeAt = now } = wakeUpOf(state, now);
  return { id, lockVersion, delivered: outbox.map((entry) => entry.id), wakeAt, letGoAt };
}
