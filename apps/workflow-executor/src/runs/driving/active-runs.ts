import { randomUUID } from 'node:crypto';
import { type FlowMetrics, type Log } from '@app/observability';
import { activityBytes } from '@app/persistence';
import { ActivityDriver } from './activity-driver.js';
import { type DriveEnd, type DriverParts } from './driver-parts.js';
import { ExecutorStoppingError } from '../errors.js';
import { HandedOver } from './handed-over.js';
import { type OfferedSignal } from './offered-signal.js';
import { type Run } from './run.js';
import { dueAtOf, reportEnd } from '../run-end.js';
import { type RunHold, RunMemory } from '../memory/run-memory.js';
import { type Semaphore } from './semaphore.js';

/** How long drivers that were told to stop may take, in milliseconds: each makes one more write at most. */
const LETTING_GO_MS_MAX = 3_000;
/** The least time in which drivers can take notice of a stop. */
const LETTING_GO_MS_MIN = 100;

/**
 * The activities that this executor works on, each once, whether a message, an HTTP request or the sweeper brings it.
 * The permits bound how many take their first step at the same time. A run that waits for calls holds no permit: the
 * places for calls bound those. A run holds its bytes from before it waits for a permit until it ends or leaves.
 */
export class ActiveRuns {
  /**
   * The name of this executor on leases. An activity is in flight here at most once, so a lease with this name and
   * without a driver is unused: its claim or its first commit got no answer.
   */
  readonly owner = randomUUID();
  readonly #drivers = new Map<string, ActivityDriver>();
  /** The runs that wait for a permit or for their first commit. */
  readonly #starting = new Map<string, Promise<void>>();
  /** Signals that were offered to activities without a driver. */
  readonly #offers = new Map<string, OfferedSignal[]>();
  /** The runs that were in flight at the stop. */
  readonly #unfinished: string[] = [];
  readonly #handedOver: HandedOver;
  #stopping = false;

  constructor(
    private readonly semaphore: Semaphore,
    private readonly parts: DriverParts,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
    private readonly memory = RunMemory.unbounded(),
  ) {
    const giveUp = (ids: readonly string[]): Promise<void> => this.giveUpLeases(ids);
    this.#handedOver = new HandedOver(parts.store, parts.clock, giveUp, log);
  }

  get free(): number {
    return this.#stopping ? 0 : this.semaphore.free;
  }

  /** How much more may be taken up, in bytes as they are stored. */
  get freeBytes(): number {
    return this.memory.freeBytes;
  }

  /** The features of this executor for ended activities with entries to deliver. */
  get deliveryFeatures(): readonly string[] {
    return this.parts.deliveries?.featuresNow ?? [];
  }

  get size(): number {
    return this.#drivers.size;
  }

  has(activityId: string): boolean {
    return this.#drivers.has(activityId);
  }

  /** Whether nobody here works on it, and its record says that this executor has it: signals for it come here. */
  hasHandedOver(activityId: string): boolean {
    return this.#handedOver.has(activityId);
  }

  /** The ids of the activities in flight. */
  get ids(): readonly string[] {
    return [...this.#drivers.keys()];
  }

  /** Makes the driver of the activity read its record, if it is in flight here. */
  notify(activityId: string): boolean {
    const driver = this.#drivers.get(activityId);
    driver?.notify();
    return driver !== undefined;
  }

  /**
   * Offers the signal to the driver of the activity, if it is in flight here or about to be; the driver may leave it.
   */
  offer(activityId: string, offered: OfferedSignal): boolean {
    const driver = this.#drivers.get(activityId);
    if (!driver && !this.#starting.has(activityId)) return false;
    if (driver) driver.offer(offered);
    else this.#keepFor(activityId, offered);
    return true;
  }

  /** As `notify`, if the record also says that the run has begun: then its driver sees everything that arrives. */
  notifyBegun(activityId: string): boolean {
    return !this.#starting.has(activityId) && this.notify(activityId);
  }

  /**
   * Waits for a permit and begins. Resolves when the activity's record says what comes next, while calls may still be
   * under way; from then on the caller may forget it.
   * @throws StoreUnavailableError, ExecutorStoppingError
   */
  async start(run: Run): Promise<void> {
    const { activityId, offered } = run;
    if (offered) {
      if (this.offer(activityId, offered)) return;
      this.#keepFor(activityId, offered);
    }
    if (this.notifyBegun(activityId)) return;
    const starting = this.#starting.get(activityId) ?? this.#start(run);
    this.#starting.set(activityId, starting);
    await starting;
  }

  /**
   * Writes the end of a cancelled activity. That takes no permit, because no call follows it: a cancellation is not
   * held up by the calls that hang.
   * @throws StoreUnavailableError, ExecutorStoppingError
   */
  async settle(run: Run): Promise<void> {
    if (this.notify(run.activityId)) return;
    if (this.#stopping) throw new ExecutorStoppingError();
    await this.#begin(run, this.memory.force(bytesOf(run)));
  }

  /**
   * Takes nothing more, and gives the runs in flight `graceMs` to end. The others are broken off and their leases
   * given up, so that another executor continues them at once.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    await this.#untilIdle(graceMs);
    for (const driver of this.#drivers.values()) driver.stop();
    const lettingGoMs = Math.max(LETTING_GO_MS_MIN, graceMs / 4);
    await this.#untilIdle(Math.min(LETTING_GO_MS_MAX, lettingGoMs));
    const lettingGo = [this.#handedOver.end(), this.giveUpLeases(this.#unfinished)];
    await within(lettingGoMs * 2, Promise.all(lettingGo));
  }

  /**
   * Gives up the leases of activities without a driver here. If that fails, they expire, and a sweeper takes over.
   */
  async giveUpLeases(ids: readonly string[], inMs = 0): Promise<void> {
    if (ids.length === 0) return;
    try {
      const wakeAt = this.parts.clock() + inMs;
      await this.parts.store.release({ ids, owner: this.owner, wakeAt });
    } catch (err) {
      this.log.warn({ err, activities: ids.length }, 'Leases are not given up; they run out');
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
    const hold = this.memory.tryHold(bytes) ?? (await this.memory.hold(bytes));
    try {
      await this.semaphore.acquire();
      if (!this.#stopping) {
        await this.#begin(run, hold);
        return;
      }
      hold.release();
      throw new ExecutorStoppingError();
    } finally {
      this.semaphore.release();
      this.#starting.delete(run.activityId);
      for (const offered of this.#offersFor(run.activityId)) offered.settle('left');
    }
  }

  #keepFor(activityId: string, offered: OfferedSignal): void {
    offered.hold();
    const offers = this.#offers.get(activityId) ?? [];
    this.#offers.set(activityId, [...offers, offered]);
  }

  /** The caller owns the offers from here on. */
  #offersFor(activityId: string): readonly OfferedSignal[] {
    const offers = this.#offers.get(activityId) ?? [];
    this.#offers.delete(activityId);
    return offers;
  }

  async #begin(run: Run, hold: RunHold): Promise<void> {
    const driver = new ActivityDriver(run, this.owner, this.parts, hold, () => {
      this.#report(run, driver);
    });
    for (const offered of this.#offersFor(run.activityId)) driver.offer(offered);
    this.#drivers.set(run.activityId, driver);
    this.#handedOver.forget(run.activityId);
    let step: DriveEnd | 'calling' = 'stopped';
    try {
      step = await driver.begin();
      const waitedMs = this.parts.clock() - dueAtOf(run.origin);
      if (driver.hasBegun) this.metrics.runBegan(waitedMs / 1000);
    } finally {
      if (step !== 'calling') this.#end(run, driver, step, hold);
    }
    if (step === 'calling') void this.#finish(run, driver, hold);
  }

  async #finish(run: Run, driver: ActivityDriver, hold: RunHold): Promise<void> {
    let end: DriveEnd = 'left';
    try {
      end = await driver.finish();
    } catch (err) {
      const { activityId } = run;
      this.log.error({ err, activityId }, 'A driver broke; a sweeper takes it up after the lease');
    }
    this.#end(run, driver, end, hold);
  }

  #end(run: Run, driver: ActivityDriver, end: DriveEnd, hold: RunHold): void {
    hold.release();
    driver.leaveOffers();
    const handedOver = end === 'waiting' && driver.handOver();
    if (handedOver) this.#handedOver.add(handedOver);
    // The entry of the map may belong to a run that waited for its permit while the cancellation was written.
    if (this.#drivers.get(run.activityId) === driver) this.#drivers.delete(run.activityId);
    if (end === 'stopped' && this.#stopping) this.#unfinished.push(run.activityId);
  }

  /** Called as soon as the end is on record, however long the deliveries take. */
  #report(run: Run, { state, defect }: ActivityDriver): void {
    if (!state) return;
    const { activityId, origin, trace } = run;
    const { workflowId } = origin;
    const { traceId } = trace;
    const ended = { activityId, workflowId, dueAt: dueAtOf(origin), traceId, state, defect };
    reportEnd(this.metrics, this.log, ended, this.parts.clock());
  }
}

/** The record that a run begins with, as it was read. */
function bytesOf({ origin, found, earlier }: Run): number {
  return activityBytes(found ?? origin) + (earlier?.bytes ?? 0);
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
