/**
 * Drives one activity until it waits for something other than its own calls and deliveries.
 *
 * D1. A side effect starts only after the commit that claims it.
 * D2. Every write is conditional on the lock version that the state was computed from. A failed write changes
 *     nothing: the record is read again, and what had arrived is applied to the record as it is now.
 * D3. A driver that finds another executor's lease leaves, so only one at a time has calls whose results can be
 *     recorded. Only a sweeper takes over an expired lease, because it counts takeovers. A lease that this
 *     executor's own sweeper took (MongoDB was away for longer) is the driver's, unless calls were handed out again.
 *     An unclaimed activity is claimed by the driver's first commit. If that commit is stale, the driver leaves.
 * D4. When `begin` resolves, the record and its wake-up own the activity: its message may be acknowledged, and the
 *     loss of this process loses nothing.
 * D5. A step is computed from two sources. The record as it was last read or written brings state, lock version and
 *     signals, as one value (`KnownRecord`). Signals beyond `STEP_SIGNALS_MAX` wait for the next step, which follows at once.
 *     The mailbox brings results of this driver's calls and offered signals, and keeps each until a commit that contains it has
 *     succeeded; an offer that is not taken stays with its caller. The outbox keeps the outcomes of deliveries alike.
 * D6. A run belongs to the event on record. Before the first commit an event that was accepted earlier can replace it
 *     (`recordEarlier`): the driver of the replaced event leaves.
 * D7. An outbox entry is delivered after the commit that puts it on record, also one that ends the run. It leaves the
 *     record with the next commit, or with its own when nothing else is in flight.
 * D8. If a run waits only for a worker, its driver ends with lease and entry on record; `HandedOver` removes them later.
 * D9. A notice or an offer between a commit and its answer reaches only this driver, which goes on to its next step.
 */
import { activityBytes, ActivityTooLargeError } from '@app/persistence';
import {
  type ActivityState,
  type Advance,
  dropResults,
  type Failure,
  isFinal,
  nextWakeAt,
} from '@app/workflow-engine';
import { NO_DELIVERIES } from '../../outbox/delivery-service.js';
import { InFlightOutbox } from '../../outbox/in-flight-outbox.js';
import { CallsInFlight } from './calls-in-flight.js';
import { ActivityContendedError, notNowIfTransient, REBASES_MAX } from '../errors.js';
import { isSameWrite, knownOf, type KnownRecord, NEW_RECORD } from '../known-record.js';
import { Mailbox, pause } from './mailbox.js';
import { type RunReservation } from '../memory/run-memory.js';
import { type OfferedSignal } from './offered-signal.js';
import { type Run } from './run.js';
import { handedOverOf, type HandedOverRun } from './handed-over.js';
import { hasBegun, phaseOf } from './run-phase.js';
import { stepCommit } from './step-commit.js';
import { inputsOf, isForOthers, isOutrun, stepOf } from './step.js';
import { type DriveEnd, type DriverParts } from './driver-parts.js';

export class ActivityDriver {
  readonly #mailbox = new Mailbox();
  readonly #calls: CallsInFlight;
  #known: KnownRecord;
  /** A commit whose outcome is unknown. */
  #unanswered: KnownRecord | undefined;
  #renewAt = 0;
  /** The record may have been written by another process: a commit before the next read would be stale. */
  #isOutdated = false;
  /** Whether the record says that this executor has the lease. */
  #isLeased: boolean;
  #isEndReported: boolean;
  readonly #outbox: InFlightOutbox;
  #stopped = false;
  #hasBegun = false;
  #defect: Failure | undefined;

  /**
   * @param owner this executor's name on leases
   * @param reservation of memory; a record that is read later may need more than it began with
   * @param onEnd called once when the end that this driver wrote is on record
   */
  constructor(
    private readonly run: Run,
    private readonly owner: string,
    private readonly parts: DriverParts,
    private readonly reservation: RunReservation,
    private readonly onEnd: () => void = () => undefined,
  ) {
    const { found, origin } = run;
    this.#known = found ? knownOf(found) : NEW_RECORD;
    this.#isLeased = found?.leaseOwner === owner;
    this.#isEndReported = found !== undefined && isFinal(found.status);
    const { deliveries = NO_DELIVERIES, clock, settings } = parts;
    this.#outbox = new InFlightOutbox(deliveries, origin, clock, this.#mailbox, settings.lingerMs);
    this.#calls = new CallsInFlight(run, parts.handlers, reservation, (result) => {
      this.#mailbox.put(result);
    });
  }

  /** The record as last committed or read. */
  get known(): KnownRecord {
    return this.#known;
  }

  /** D8: the run for `HandedOver`; undefined if this driver must not end with a lease on record. */
  handOver(now = this.parts.clock()): HandedOverRun | undefined {
    const isDelivered = this.#outbox.lingersUntil(this.#known.outbox) !== undefined;
    if (!this.#isLeased || !isDelivered || now >= this.#renewAt) return undefined;
    const releaseAt = this.#renewAt + this.parts.settings.leaseMs / 3;
    return handedOverOf(this.run.activityId, this.#known, releaseAt, now);
  }

  /** Whether this driver wrote the first state of the run. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The defect of the engine that ended the run, if one did. */
  get defect(): Failure | undefined {
    return this.#defect;
  }

  /**
   * Takes the first step and commits it (D4). After `calling`, `finish` must follow.
   * @throws StoreUnavailableError when the outcome of the commit is unknown
   */
  begin(): Promise<DriveEnd | 'calling'> {
    return this.#step();
  }

  /**
   * Drives until no call or delivery is in flight. While MongoDB is away it keeps the results and tries again. If the
   * driver fails for another reason, its calls are aborted.
   */
  async finish(): Promise<DriveEnd> {
    try {
      return await this.#goOn();
    } finally {
      this.#calls.dropAll();
      this.#outbox.dropAll();
    }
  }

  async #goOn(): Promise<DriveEnd> {
    let step: DriveEnd | 'calling' | 'not-now' = 'calling';
    while (step === 'calling' || step === 'not-now') {
      await (step === 'calling' ? this.#news() : pause(this.parts.settings.storeRetryMs));
      if (this.#stopped) return 'stopped';
      step = await this.#step().catch(notNowIfTransient);
    }
    return step;
  }

  /** Makes the driver read the record, which has changed. */
  notify(): void {
    this.#renewAt = 0;
    this.#isOutdated = true;
    this.#mailbox.notify();
  }

  /** Offers a signal. Call `leaveOffers` after the end of the driver: it settles offers that were not taken. */
  offer(offered: OfferedSignal): void {
    this.#mailbox.offer(offered);
  }

  leaveOffers(): void {
    this.#mailbox.settle(this.#mailbox.offers, 'left');
  }

  /** Makes the driver end without a further commit; the lease stays on record. */
  stop(): void {
    this.#stopped = true;
    this.notify();
  }

  async #step(): Promise<DriveEnd | 'calling'> {
    for (let rebases = 0; rebases <= REBASES_MAX; rebases++) {
      const isRead = this.#isOutdated;
      const end = isRead && (await this.#read());
      if (end) return end;
      const now = this.parts.clock();
      const { results, offers } = this.#mailbox;
      const { state, outbox, signals: ofInbox } = this.#known;
      const signals = [...ofInbox, ...offers.map(({ signal }) => signal)];
      this.#outbox.noteAnswered(outbox, signals);
      const inputs = inputsOf(signals, results, state ? this.#calls.missing(state) : []);
      const { step, defect } = stepOf(this.run, this.#known, inputs, now);
      this.#defect = defect;
      // A read is always followed by a write, and a signal that changes nothing has to leave the inbox as well.
      const isWritten = ofInbox.length > 0 || this.#changes(step, now) || now >= this.#renewAt;
      // An offer that changes nothing in this state may change one that another process has written since.
      const mayLeave = isRead || offers.length === 0;
      const taken = isWritten ? await this.#commit(step, now) : mayLeave && step;
      if (taken) {
        this.#mailbox.forget(results);
        this.#mailbox.settle(offers, 'taken');
        return this.#carryOut(taken, now);
      }
      // The first commit was stale (D3). If a notice has come, the record is read instead.
      if (isWritten && !this.#isOutdated && isOutrun(this.run, this.#known)) {
        this.run.onOutrun?.();
        return 'left';
      }
      this.#renewAt = 0;
      this.#isOutdated = true;
    }
    throw new ActivityContendedError(this.run.activityId);
  }

  /** D7: a delivered entry alone is no reason to write while another write follows. */
  #changes({ state, effects, outbox }: Advance, now: number): boolean {
    if (state !== this.#known.state || effects.length > 0 || outbox.length > 0) return true;
    return !this.#isBusy(state, now) && this.#mustCorrect(now);
  }

  /** D8: whether a lease or a delivered entry has to leave the record by a commit of this driver. */
  #mustCorrect(now: number): boolean {
    const isOutOfDate = this.#isLeased || this.#outbox.hasSettled(this.#known.outbox);
    return isOutOfDate && !this.handOver(now);
  }

  /** @returns the step as it was written, without results that are too large; undefined after a stale write */
  async #commit(step: Advance, now: number): Promise<Advance | undefined> {
    // Before the write: a notification during it may be of a later change.
    this.#renewAt = now + this.parts.settings.leaseMs / 3;
    try {
      return await this.#write(step, now).catch((error: unknown) => {
        if (!(error instanceof ActivityTooLargeError)) throw error;
        return this.#write(dropResults(step, error.message, now), now);
      });
    } catch (error) {
      this.#renewAt = 0;
      throw error;
    }
  }

  async #write(step: Advance, now: number): Promise<Advance | undefined> {
    const { activityId: id } = this.run;
    const before = this.#known;
    const withEntries = this.parts.addEntries?.(before, step, now, this.run.origin) ?? step;
    const { state } = withEntries;
    const outbox = this.#outbox.commitOf(before.outbox, withEntries.outbox, now);
    const { leaseMs } = this.parts.settings;
    const lease = { wakeAt: now + leaseMs, leaseOwner: this.owner, leaseMs };
    const { requires } = this.run.origin;
    const { commit, after, isLeased } = stepCommit(id, before, state, outbox, lease, now, requires);
    this.#unanswered = after;
    if ((await this.parts.store.commit(commit)) === 'stale') return undefined;
    this.#known = after;
    this.#isLeased = isLeased;
    this.#hasBegun ||= !hasBegun(before.state) && hasBegun(state);
    if (isFinal(state.status)) this.#reportEnd();
    return withEntries;
  }

  #carryOut({ state, effects }: Advance, now: number): DriveEnd | 'calling' {
    this.#calls.carryOut(state, effects);
    this.#outbox.goOn(this.#known.outbox, now, this.#known.state);
    const isOver = isFinal(state.status) && this.#known.outbox.length === 0;
    if (!isOver && (this.#isOutdated || this.#mailbox.offers.length > 0)) return 'calling'; // D9
    return this.#isBusy(state, now) || this.#mustCorrect(now) ? 'calling' : phaseOf(state);
  }

  /** Whether a call or delivery is in flight, a signal is left, or an entry lingers: then this driver writes again. */
  #isBusy(state: ActivityState, now: number): boolean {
    const { outbox, signals } = this.#known;
    if (signals.length > 0 || this.#outbox.isBusy(outbox, now)) return true;
    if (isFinal(state.status) || this.handOver(now)) return false;
    return phaseOf(state) === 'calling' || now < (this.#outbox.lingersUntil(outbox) ?? 0);
  }

  #reportEnd(): void {
    if (!this.#isEndReported) this.onEnd();
    this.#isEndReported = true;
  }

  /** Reads the record into `#known`. @returns how the driver ends, if it has nothing more to do */
  async #read(): Promise<DriveEnd | undefined> {
    this.#isOutdated = false; // Before the read: it may miss a change that is written during it.
    const { origin, activityId: id } = this.run;
    // D6: once the run has begun its event stays the same, and the event may be most of the record.
    const { store } = this.parts;
    const found = await (this.#known.state ? store.getWithoutEvent(id) : store.get(id));
    if (!found) {
      // MongoDB was away when the event was accepted: the message was the only copy until now.
      const { kind } = await store.record(origin);
      this.#known = NEW_RECORD;
      return kind === 'conflict' ? 'left' : undefined;
    }
    if (isForOthers(found, this.run, this.owner)) return 'left';
    const known = knownOf(found);
    const isOwn = found.leaseOwner === this.owner;
    if (isFinal(found.status)) {
      const isOwnEnd = isSameWrite(known, this.#unanswered);
      if (isOwnEnd) this.#known = known;
      if (isOwnEnd) this.#reportEnd();
      if (!isOwn) return isOwnEnd ? 'final' : 'left';
    }
    this.#known = known;
    this.#isLeased = isOwn;
    this.reservation.growTo(activityBytes({ ...found, event: origin.event }));
    return undefined;
  }

  /** Waits for a result, a notification, a timer of the run or the time to renew the lease. */
  async #news(): Promise<void> {
    const { state, outbox, signals } = this.#known;
    const due = signals.length > 0 ? 0 : ((state && nextWakeAt(state)) ?? Infinity); // D5
    const until = Math.min(due, this.#renewAt, this.#outbox.nextAt(outbox) ?? Infinity);
    await this.#mailbox.news(until - this.parts.clock());
  }
}
