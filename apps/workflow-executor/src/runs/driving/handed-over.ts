import { InFlightMap } from '@app/collections';
import { type Log } from '@app/observability';
import { activityBytes, type ActivityStore, type DeliveredRun } from '@app/persistence';
import { type KnownRecord } from '../known-record.js';
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
 * 3. Of each run the content of that write is kept in memory. Of as many as `bytesMax` allows, also the run itself is
 *    kept, so that an answer that comes to this executor needs no read. It may have become outdated, which the first
 *    commit finds out by the lock version. Beyond the bound the newer runs are not kept: the older ones are answered first.
 * 4. The notice of a signal may get lost. A run that has a signal in its inbox by then is made due at once.
 */
export class HandedOver {
  readonly #runs = new InFlightMap<string, HandedOverRun>();
  readonly #kept = new InFlightMap<string, Required<Pick<Run, 'bytes'>> & Run>();
  #keptBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param giveUp gives up the leases of these runs, which makes them due now */
  constructor(
    private readonly store: Pick<ActivityStore, 'releaseDelivered' | 'withSignals'>,
    private readonly clock: () => number,
    private readonly giveUp: (ids: readonly string[]) => Promise<void>,
    private readonly log: Log,
    private readonly bytesMax = 0,
  ) {}

  has(id: string): boolean {
    return this.#runs.has(id);
  }

  get ids(): Iterable<string> {
    return this.#runs.keys();
  }

  /** The run as its last driver left it, if it is kept. */
  runOf(id: string): Run | undefined {
    return this.#kept.get(id);
  }

  /** @param run as it is on record now */
  add(handedOver: HandedOverRun, run?: Run): void {
    this.forget(handedOver.id);
    this.#runs.set(handedOver.id, handedOver);
    if (run) this.#keep(run);
    if (this.#runs.size > HANDED_OVER_MAX) void this.#releaseBatch(this.#oldest(BATCH_MAX));
    else this.#wait();
  }

  /** Call it when the run has a driver again. */
  forget(id: string): void {
    this.#runs.delete(id);
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    this.#keptBytes -= kept.bytes;
  }

  /** Releases all of them. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#runs.size > 0) await this.#releaseBatch(this.#oldest(BATCH_MAX));
  }

  #keep(run: Run): void {
    const bytes = run.bytes ?? activityBytes(run.found ?? run.origin);
    if (this.#keptBytes + bytes > this.bytesMax) return;
    this.#keptBytes += bytes;
    this.#kept.set(run.activityId, { ...run, bytes });
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

/** A run whose only outbox entry waits for its answer; undefined for any other run. */
export function handedOverOf(
  id: string,
  { state, outbox, lockVersion }: KnownRecord,
  releaseAt: number,
  now: number,
): HandedOverRun | undefined {
  if (outbox.length !== 1 || state === undefined || phaseOf(state) !== 'waiting') return undefined;
  const { wakeAt = now } = wakeUpOf(state, now);
  return { id, lockVersion, delivered: outbox.map((entry) => entry.id), wakeAt, releaseAt };
}

/** The run as its driver left it on record, for a driver that continues it without a read. */
export function continued(
  { activityId, plan, scope, trace, origin }: Run,
  { state, signals: inbox, ...known }: KnownRecord,
  leaseOwner: string,
): Run | undefined {
  if (state === undefined) return undefined;
  const { status } = state;
  const found = { ...origin, ...known, status, state, inbox, leaseOwner };
  return { activityId, plan, scope, trace, origin, found };
}
