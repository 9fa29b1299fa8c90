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

/** For drivers that were told to stop: at most one write of theirs is under way. */
const LETTING_GO_MS_MAX = 3_000;
/** Even a stop that leaves no time lets them hear of it. */
const LETTING_GO_MS_MIN = 100;

/**
 * The activities that this executor works on: each once, whoever brings them (a message, an HTTP
 * request or the sweeper). No more than there are permits take their first step at the same time. One that
 * waits for calls holds no permit: the places for calls bound how many of those there are. It holds its bytes
 * from before it waits for a permit until it is over or leaves.
 */
export class ActiveRuns {
  /**
   * The name of this executor on leases. An activity is in flight here at most once, so a lease with
   * this name and no driver is one that nobody uses: its claim or its first commit got no answer.
   */
  readonly owner = randomUUID();
  readonly #drivers = new Map<string, ActivityDriver>();
  /** Those that wait for a permit or for their first commit. */
  readonly #starting = new Map<string, Promise<void>>();
  /** What was offered to those that have no driver yet. */
  readonly #offers = new Map<string, OfferedSignal[]>();
  /** Those that were in flight when it stopped. */
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

  /** How much may be taken up besides, in bytes as they are stored. */
  get freeBytes(): number {
    return this.memory.freeBytes;
  }

  /** What this executor has for what has ended and has something to deliver. */
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

  /** The activities in flight. */
  get ids(): readonly string[] {
    return [...this.#drivers.keys()];
  }

  /** If the activity is in flight here, makes its driver look at the record. */
  notify(activityId: string): boolean {
    const driver = this.#drivers.get(activityId);
    driver?.notify();
    return driver !== undefined;
  }

  /** If the activity is in flight here, or about to be, its driver takes the signal, or leaves it. */
  offer(activityId: string, offered: OfferedSignal): boolean {
    const driver = this.#drivers.get(activityId);
    if (!driver && !this.#starting.has(activityId)) return false;
    if (driver) driver.offer(offered);
    else this.#keepFor(activityId, offered);
    return true;
  }

  /** The same, if besides the record says that it has begun: then its driver sees to all that comes. */
  notifyBegun(activityId: string): boolean {
    return !this.#starting.has(activityId) && this.notify(activityId);
  }

  /**
   * Waits for a permit and begins. Resolves when the activity's record says what comes next, while
   * calls may go on; from then on nobody else need remember it.
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
   * Writes the end of an activity that has been cancelled. That needs no permit, because no call follows
   * it: who cancels because everything hangs does not wait for what hangs.
   * @throws StoreUnavailableError, ExecutorStoppingError
   */
  async settle(run: Run): Promise<void> {
    if (this.notify(run.activityId)) return;
    if (this.#stopping) throw new ExecutorStoppingError();
    await this.#begin(run, this.memory.force(bytesOf(run)));
  }

  /**
   * Takes nothing more, and gives what is in flight `graceMs` to come to an end. The rest is broken off
   * and its leases given up, so that another executor goes on with it at once.
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

  /** Of what nobody here works on any more. If it can't be done they run out, and a sweeper comes. */
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

  /** Whoever gets them has them. */
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
    // One that waited for its permit while the cancel was written has taken its place already.
    if (this.#drivers.get(run.activityId) === driver) this.#drivers.delete(run.activityId);
    if (end === 'stopped' && this.#stopping) this.#unfinished.push(run.activityId);
  }

  /** As soon as the end is on record, however long it takes to deliver what it has to tell. */
  #report(run: Run, { state, defect }: ActivityDriver): void {
    if (!state) return;
    const { activityId, origin, trace } = run;
    const { workflowId } = origin;
    const { traceId } = trace;
    const ended = { activityId, workflowId, dueAt: dueAtOf(origin), traceId, state, defect };
    reportEnd(this.metrics, this.log, ended, this.parts.clock());
  }
}

/** What a run begins with: as it is on record, where it was read from there. */
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
