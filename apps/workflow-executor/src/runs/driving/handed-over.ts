import { InFlightMap } from '@app/collections';
import { type Log } from '@app/observability';
import {
  type Activity,
  type ActivityStore,
  type DeliveredRun,
  type NewActivity,
} from '@app/persistence';
import { type KnownRecord } from '../known-record.js';
import { KeptRuns } from './kept-runs.js';
import { type Run } from './run.js';
import { phaseOf, wakeUpOf } from './run-phase.js';

/** A run that waits only for the answer of a worker that has its task. */
export interface HandedOverRun extends DeliveredRun {
  /** When its lease and entry are removed at the latest, in milliseconds since 1970: shortly before the lease ends. */
  readonly releaseAt: number;
}

/** The most runs in one write. */
const BATCH_MAX = 256;
/** The most runs that are kept; beyond it the oldest are released at once. */
const HANDED_OVER_MAX = 50_000;

/**
 * Runs that wait for a worker and have no driver. Their records still have this executor's lease and the outbox entry
 * of the worker's task.
 *
 * 1. The commit that takes the worker's answer, on any executor, removes both. So most of these runs need no other
 *    write.
 * 2. A run without an answer is released at `releaseAt`: one write removes lease and entry of many runs. A record that
 *    another process has written since stays as it is.
 * 3. Of each run the content of that write is kept in memory, and of as many as `KeptRuns` has room for also the run
 *    itself. The older ones are kept: they are answered first.
 * 4. The notice of a signal may get lost. A run that has a signal in its inbox by then is made due at once.
 */
export class HandedOver {
  readonly #runs = new InFlightMap<string, HandedOverRun>();
  #timer: NodeJS.Timeout | undefined;

  /** @param giveUp gives up the leases of these runs, which makes them due now */
  constructor(
    private readonly store: Pick<ActivityStore, 'releaseDelivered' | 'withSignals'>,
    private readonly clock: () => number,
    private readonly giveUp: (ids: readonly string[]) => Promise<void>,
    private readonly log: Log,
    private readonly kept = new KeptRuns(0),
  ) {}

  has(id: string): boolean {
    return this.#runs.has(id);
  }

  get ids(): Iterable<string> {
    return this.#runs.keys();
  }

  /** @param run as it is on record now */
  add(handedOver: HandedOverRun, run?: Run): void {
    this.forget(handedOver.id);
    this.#runs.set(handedOver.id, handedOver);
    if (run) this.kept.keep(run);
    if (this.#runs.size > HANDED_OVER_MAX) void this.#releaseBatch(this.#oldest(BATCH_MAX));
    else this.#wait();
  }

  /** Call it when the run has a driver again. */
  forget(id: string): void {
    if (this.#runs.delete(id)) this.kept.forget(id);
  }

  /** Releases all of them. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#runs.size > 0) await this.#releaseBatch(this.#oldest(BATCH_MAX));
  }

  #wait(): void {
    const [first] = this.#runs.values();
    if (this.#timer || !first) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#releaseDue();
      },
      Math.max(0, first.releaseAt - this.clock()),
    );
  }

  async #releaseDue(): Promise<void> {
    for (;;) {
      const now = this.clock();
      const due = this.#oldest(BATCH_MAX, ({ releaseAt }) => releaseAt <= now);
      if (due.length === 0) break;
      await this.#releaseBatch(due);
    }
    this.#wait();
  }

  /** Removes and returns the oldest. All are kept for about the same time, so the first are the oldest. */
  #oldest(
    max: number,
    isWanted: (run: HandedOverRun) => boolean = () => true,
  ): readonly HandedOverRun[] {
    const oldest: HandedOverRun[] = [];
    for (const run of this.#runs.values()) {
      if (oldest.length === max || !isWanted(run)) break;
      oldest.push(run);
    }
    for (const { id } of oldest) this.forget(id);
    return oldest;
  }

  /** If MongoDB is away the leases expire, and a sweeper takes over. */
  async #releaseBatch(runs: readonly HandedOverRun[]): Promise<void> {
    try {
      if ((await this.store.releaseDelivered(runs)) === 'all') return;
      const signalled = await this.store.withSignals(runs.map(({ id }) => id));
      await this.giveUp(signalled);
    } catch (err) {
      this.log.warn(
        { err, activities: runs.length },
        'Leases of runs that wait for workers could not be given up; they expire',
      );
    }
  }
}

/**
 * A run whose only outbox entry waits for its answer; undefined for any other run. A run that wakes before `releaseAt` is
 * none: its record would be due too late, and a timeout of some seconds would come with the end of the lease.
 */
export function handedOverOf(
  id: string,
  { state, outbox, lockVersion }: KnownRecord,
  releaseAt: number,
  now: number,
): HandedOverRun | undefined {
  if (outbox.length !== 1 || state === undefined || phaseOf(state) !== 'waiting') return undefined;
  const { wakeAt = now } = wakeUpOf(state, now);
  if (wakeAt < releaseAt) return undefined;
  return { id, lockVersion, delivered: outbox.map((entry) => entry.id), wakeAt, releaseAt };
}

/**
 * The run as its driver left it on record, for a driver that continues it without a read.
 * @param leaseOwner absent for a record without a lease
 */
export function continued(
  { activityId, plan, scope, trace, origin }: Run,
  { state, signals: inbox, ...known }: KnownRecord,
  leaseOwner?: string,
): Run | undefined {
  if (state === undefined) return undefined;
  const { status } = state;
  // The origin may be a record that was read when it had a lease.
  const { leaseOwner: _, ...rest }: Partial<Activity> & NewActivity = origin;
  const lease = leaseOwner !== undefined && { leaseOwner };
  const found = { ...rest, ...known, status, state, inbox, ...lease };
  return { activityId, plan, scope, trace, origin, found };
}
