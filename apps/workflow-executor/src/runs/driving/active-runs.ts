import { InFlightMap } from '@app/collections';
import { randomUUID } from 'node:crypto';
import { type FlowMetrics, type Log } from '@app/observability';
import { StoreUnavailableError } from '@app/persistence';
import { ActivityDriver } from './activity-driver.js';
import { type DriveEnd, type DriverParts } from './driver-parts.js';
import { EarlyOffers } from './early-offers.js';
import { ExecutorStoppingError } from '../errors.js';
import { continued, HandedOver } from './handed-over.js';
import { type OfferedSignal } from './offered-signal.js';
import { KeptRuns } from './kept-runs.js';
import { bytesOf, type Run } from './run.js';
import { waitsForRuns } from './run-phase.js';
import { dueAtOf, reportEnd } from '../run-end.js';
import { type RunReservation, RunMemory } from '../memory/run-memory.js';
import { type Semaphore } from './semaphore.js';
import { within } from './within.js';

/** The longest wait for drivers after `stop`, in milliseconds: each makes at most one more write. */
const LETTING_GO_MS_MAX = 3_000;
/** The shortest such wait, in milliseconds, however short the grace period is. */
const LETTING_GO_MS_MIN = 100;

/**
 * The activities that this executor works on, each once, whether a message, an HTTP request or the sweeper brings it.
 * The permits bound how many take their first step at the same time. A run that waits for calls holds no permit: the
 * slots for calls bound those. A run holds its bytes from before it waits for a permit until its driver ends.
 */
export class ActiveRuns {
  /**
   * The name of this executor on leases. An activity is in flight here at most once, so a lease with this name and
   * without a driver is unused: its claim or its first commit got no answer.
   */
  readonly owner = randomUUID();
  readonly #drivers = new InFlightMap<string, ActivityDriver>();
  /** The runs that wait for a permit or for their first commit. */
  readonly #starting = new InFlightMap<string, Promise<void>>();
  readonly #offers = new EarlyOffers();
  /** The runs that were in flight at the stop. */
  readonly #unfinished: string[] = [];
  readonly #kept: KeptRuns;
  readonly #handedOver: HandedOver;
  /**
   * Whether this executor may have leases that it does not use: a claim or a first commit got no answer, or leases could
   * not be given up. The sweeper looks for them.
   */
  mayOwnMore = false;
  #stopping = false;

  constructor(
    private readonly semaphore: Semaphore,
    private readonly parts: DriverParts,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
    private readonly memory = RunMemory.unbounded(),
  ) {
    const giveUp = (ids: readonly string[]): Promise<void> => this.giveUpLeases(ids);
    const { store, clock, settings } = parts;
    this.#kept = new KeptRuns(settings.keptBytesMax ?? 0, settings.lingerMs);
    this.#handedOver = new HandedOver(store, clock, giveUp, log, this.#kept);
  }

  /** The free permits; 0 while this executor stops. */
  get free(): number {
    return this.#stopping ? 0 : this.semaphore.free;
  }

  /** The room for further runs, in bytes as they are stored; never 0. */
  get freeBytes(): number {
    return this.memory.freeBytes;
  }

  /** The features for outbox entries that this executor can deliver now. */
  get deliveryFeatures(): readonly string[] {
    return this.parts.deliveries?.featuresNow ?? [];
  }

  get size(): number {
    return this.#drivers.size;
  }

  has(activityId: string): boolean {
    return this.#drivers.has(activityId);
  }

  /**
   * Whether the activity has no driver here, but its record still names this executor as the owner of the lease.
   * Signals for such an activity are sent to this executor.
   */
  hasHandedOver(activityId: string): boolean {
    return this.#handedOver.has(activityId);
  }

  /** The ids of the activities whose leases this executor uses, and of those that are about to begin. */
  get ids(): readonly string[] {
    const ids = [...this.#drivers.keys(), ...this.#starting.keys(), ...this.#handedOver.ids];
    return [...new Set(ids)];
  }

  /** Makes the driver of the activity read its record, if it is in flight here. */
  notify(activityId: string): boolean {
    const driver = this.#drivers.get(activityId);
    driver?.notify();
    return driver !== undefined;
  }

  /**
   * Offers the signal to the driver of the activity, if it is in flight here or about to be. The driver may not take it.
   * @returns false if the activity is not here; the signal is then not offered
   */
  offer(activityId: string, offered: OfferedSignal): boolean {
    const driver = this.#drivers.get(activityId);
    if (!driver && !this.#starting.has(activityId)) return false;
    if (driver) driver.offer(offered);
    else this.#offers.keep(activityId, offered);
    return true;
  }

  /**
   * Offers the signal to a run that this executor has handed over, and continues it without reading its record. If
   * another process has written since, the driver's first commit is stale, and it reads the record then.
   * @returns false if the run is not kept here; the signal is then not offered
   * @throws StoreUnavailableError, ExecutorStoppingError
   */
  async continueWith(activityId: string, offered: OfferedSignal): Promise<boolean> {
    const run = this.#kept.runOf(activityId);
    if (run === undefined) return false;
    await this.start({ ...run, offered });
    return true;
  }

  /** As `continueWith`, also false if there is no memory or permit for the run now. */
  async continueAtOnceWith(activityId: string, offered: OfferedSignal): Promise<boolean> {
    const run = this.#kept.runOf(activityId);
    return run !== undefined && this.startAtOnce({ ...run, offered });
  }

  /** As `notify`, unless the first commit of the run is still awaited: only after it the driver sees each change. */
  notifyBegun(activityId: string): boolean {
    return !this.#starting.has(activityId) && this.notify(activityId);
  }

  /**
   * Waits for memory and a permit, and takes the first step. Resolves when that step is recorded; its calls may still
   * be in flight. From then on the record and its wake-up are enough to continue the run.
   * @throws StoreUnavailableError, ExecutorStoppingError
   */
  async start(run: Run): Promise<void> {
    const { activityId, offered } = run;
    if (offered) {
      if (this.offer(activityId, offered)) return;
      this.#offers.keep(activityId, offered);
    }
    if (this.notifyBegun(activityId)) return;
    const starting = this.#starting.get(activityId) ?? this.#start(run);
    this.#starting.set(activityId, starting);
    await starting;
  }

  /**
   * As `start`, if there is memory and a permit for the run now.
   * @returns false if there is not: the run does not begin
   */
  async startAtOnce(run: Run): Promise<boolean> {
    if (this.free === 0 || !this.memory.hasRoomFor(bytesOf(run))) return false;
    await this.start(run);
    return true;
  }

  /**
   * Writes the end of a cancelled activity. It needs no permit, because no call follows. So hanging calls do not delay
   * a cancellation.
   * @throws StoreUnavailableError, ExecutorStoppingError
   */
  async settle(run: Run): Promise<void> {
    if (this.notify(run.activityId)) return;
    if (this.#stopping) throw new ExecutorStoppingError();
    await this.#begin(run, this.memory.force(bytesOf(run)));
  }

  /**
   * Starts no further run, and gives the runs in flight `graceMs` milliseconds to end. Then it stops the drivers of the
   * others and gives up their leases, so that another executor continues them at once.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    await this.#untilIdle(graceMs);
    for (const driver of this.#drivers.values()) driver.stop();
    const lettingGoMs = Math.max(LETTING_GO_MS_MIN, graceMs / 4);
    await this.#untilIdle(Math.min(LETTING_GO_MS_MAX, lettingGoMs));
    this.#kept.end();
    const lettingGo = [this.#handedOver.end(), this.giveUpLeases(this.#unfinished)];
    await within(lettingGoMs * 2, Promise.all(lettingGo));
  }

  /**
   * Gives up the leases of those of these activities that have no driver here: another executor would repeat the calls of
   * a driver without a lease. If that fails, `mayOwnMore` is set; without a further look, the leases expire, and a
   * sweeper takes over.
   * @param inMs when the activities are due again, in milliseconds from now
   */
  async giveUpLeases(activityIds: readonly string[], inMs = 0): Promise<void> {
    const ids = activityIds.filter((id) => !this.#drivers.has(id));
    if (ids.length === 0) return;
    try {
      const wakeAt = this.parts.clock() + inMs;
      await this.parts.store.release({ ids, owner: this.owner, wakeAt });
    } catch (err) {
      this.mayOwnMore = true;
      this.log.warn({ err, activities: ids.length }, 'Leases could not be given up; they expire');
    }
  }

  async #untilIdle(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (this.#drivers.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #start(run: Run): Promise<void> {
    const bytes = bytesOf(run);
    const reservation = this.memory.tryReserve(bytes) ?? (await this.memory.reserve(bytes));
    try {
      // To end what has begun takes less memory than to begin more, and a worker's answer waits in a queue.
      await this.semaphore.acquire(run.offered !== undefined);
      if (!this.#stopping) {
        await this.#begin(run, reservation);
        return;
      }
      reservation.release();
      throw new ExecutorStoppingError();
    } finally {
      this.semaphore.release();
      this.#starting.delete(run.activityId);
      for (const offered of this.#offers.take(run.activityId)) offered.settle('left');
    }
  }

  async #begin(run: Run, reservation: RunReservation): Promise<void> {
    const driver = new ActivityDriver(run, this.owner, this.parts, reservation, () => {
      this.#report(run, driver);
    });
    for (const offered of this.#offers.take(run.activityId)) driver.offer(offered);
    this.#drivers.set(run.activityId, driver);
    this.#handedOver.forget(run.activityId);
    this.#kept.forget(run.activityId);
    let step: DriveEnd | 'calling' = 'stopped';
    try {
      step = await driver.begin();
      const waitedMs = this.parts.clock() - dueAtOf(run.origin);
      if (driver.hasBegun) this.metrics.runBegan(waitedMs / 1000);
    } catch (err) {
      this.mayOwnMore ||= err instanceof StoreUnavailableError;
      throw err;
    } finally {
      if (step !== 'calling') this.#end(run, driver, step, reservation);
    }
    if (step === 'calling') void this.#finish(run, driver, reservation);
  }

  async #finish(run: Run, driver: ActivityDriver, reservation: RunReservation): Promise<void> {
    let end: DriveEnd = 'left';
    try {
      end = await driver.finish();
    } catch (err) {
      const { activityId } = run;
      this.log.error(
        { err, activityId },
        'A driver failed; a sweeper takes over when the lease expires',
      );
    }
    this.#end(run, driver, end, reservation);
  }

  #end(run: Run, driver: ActivityDriver, end: DriveEnd, reservation: RunReservation): void {
    reservation.release();
    driver.leaveOffers();
    const handedOver = end === 'waiting' && driver.handOver();
    if (handedOver) this.#handedOver.add(handedOver, continued(run, driver.known, this.owner));
    else if (end === 'waiting') this.#keepParent(run, driver);
    // The entry of the map may be the driver of a run that waited for its permit while `settle` wrote the end.
    if (this.#drivers.get(run.activityId) === driver) this.#drivers.delete(run.activityId);
    if (end === 'stopped' && this.#stopping) this.#unfinished.push(run.activityId);
  }

  #keepParent(run: Run, { known }: ActivityDriver): void {
    const waiting = known.state && waitsForRuns(known.state) && continued(run, known);
    if (waiting) this.#kept.keepBriefly(waiting);
  }

  /** Called when the end is recorded, before its outbox entries are delivered. */
  #report(run: Run, { known, defect }: ActivityDriver): void {
    const { state } = known;
    if (!state) return;
    const { activityId, origin, trace } = run;
    const facts = { workflowId: origin.workflowId, dueAt: dueAtOf(origin), traceId: trace.traceId };
    reportEnd(this.metrics, this.log, { activityId, ...facts, state, defect }, this.parts.clock());
  }
}
