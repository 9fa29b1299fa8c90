import { type OutboxChange, type UndeliveredEntry } from '@app/persistence';
import {
  type ActivityState,
  ofDelivery,
  type OutboxEntry,
  type Signal,
} from '@app/workflow-engine';
import { isAnsweredBy, isToBeAnswered } from './answered-entry.js';
import { type DeliveryService } from './delivery-service.js';
import { type DeliveryOutcome, type EntryOrigin } from './outbox-delivery.js';
import { droppedRequests, cancelledRequests } from './cancelled-requests.js';

/** The change of the outbox in a commit, and the state of the outbox after it. */
export interface OutboxCommit {
  /** Undefined for no change. */
  readonly change?: OutboxChange;
  /** The entries on record after the commit. */
  readonly entries: readonly OutboxEntry[];
  /** Whether deliveries are in flight, or begin after the commit. */
  readonly isBusy: boolean;
  /**
   * When an executor has to try the next entry, in milliseconds since 1970; undefined when no entry is left, or
   * deliveries are in flight.
   */
  readonly wakeAt?: number;
  /** The features that an executor needs to deliver the next entry. */
  readonly requires: readonly string[];
}

/** For an empty outbox: most activities have no entries. */
const NOTHING: OutboxCommit = { entries: [], isBusy: false, requires: [] };

/**
 * The outbox of one activity that is in flight here.
 *
 * 1. Only entries on record are delivered, and only while this executor has the lease.
 * 2. Of each key one entry is in flight; the next begins when that is delivered, or refused for good.
 * 3. A request that a later entry cancels is delivered with `isCancelled`, or dropped, depending on its kind. The next
 *    commit removes a dropped request from the record.
 * 4. A delivered entry is remembered until a commit has removed it from the record. If this process dies before that,
 *    the next driver delivers it once more.
 * 5. The entry of a queued task stays on record for `lingerMs` after its delivery. If the worker answers within that
 *    time, one commit removes the entry and takes the answer. An answered entry counts as delivered.
 */
export class InFlightOutbox {
  /** By id of a delivered or refused entry: what the record keeps of a refusal; undefined for a delivered entry. */
  readonly #settled = new Map<string, UndeliveredEntry | undefined>();
  /** By id of a delivered entry: until when it waits on record for its answer, in milliseconds since 1970. */
  readonly #lingering = new Map<string, number>();
  /** By id of an entry whose delivery is in flight: what aborts it. */
  readonly #underWay = new Map<string, AbortController>();
  /** By id of an entry: the earliest time of its next attempt, in milliseconds since 1970. */
  readonly #putOff = new Map<string, number>();
  #isDropped = false;
  /** The state on record at the last `goOn`. */
  #state: ActivityState | undefined;

  constructor(
    private readonly service: Pick<DeliveryService, 'canDeliver' | 'deliver' | 'retryAt'>,
    private readonly origin: EntryOrigin,
    private readonly clock: () => number,
    private readonly whom: { notify(): void },
    private readonly lingerMs = 0,
  ) {}

  /**
   * Begins the deliveries that may begin, and postpones those that this executor cannot make now.
   * @param state the state on record, for the deliveries
   */
  goOn(entries: readonly OutboxEntry[], now: number, state?: ActivityState): void {
    if (entries.length === 0) return;
    this.#state = state;
    const cancelled = cancelledRequests(entries);
    for (const entry of this.#heads(entries)) {
      if (this.#underWay.has(entry.id) || (this.#putOff.get(entry.id) ?? 0) > now) continue;
      if (this.#mayBegin(entry, now)) void this.#deliver(entry, cancelled.has(entry.id));
      else this.#putOff.set(entry.id, this.service.retryAt(entry, now));
    }
  }

  /** Whether a delivery is in flight, or may begin now. */
  isBusy(entries: readonly OutboxEntry[], now: number): boolean {
    return this.#heads(entries).some(
      (entry) => this.#underWay.has(entry.id) || this.#mayBegin(entry, now),
    );
  }

  /**
   * The earliest time at which a postponed entry may be tried again. Without postponed entries it is the time at which
   * delivered entries stop waiting for their answers.
   */
  nextAt(entries: readonly OutboxEntry[]): number | undefined {
    const times = this.#heads(entries).flatMap(({ id }) => this.#putOff.get(id) ?? []);
    return times.length === 0 ? this.lingersUntil(entries) : Math.min(...times);
  }

  /** When delivered entries leave the record at the latest; undefined unless all of them wait for their answers. */
  lingersUntil(entries: readonly OutboxEntry[]): number | undefined {
    if (entries.length === 0 || !entries.every(({ id }) => this.#lingering.has(id)))
      return undefined;
    return Math.min(...entries.map(({ id }) => this.#lingering.get(id) ?? 0));
  }

  /** Called when the answers to these entries have come. */
  noteAnswered(entries: readonly OutboxEntry[], signals: readonly Signal[]): void {
    for (const entry of entries) {
      if (signals.some((signal) => isAnsweredBy(entry, signal)))
        this.#settled.set(entry.id, undefined);
    }
  }

  /** Whether the next commit removes an entry from the record because it was delivered or refused. */
  hasSettled(entries: readonly OutboxEntry[]): boolean {
    return entries.some(({ id }) => this.#settled.has(id));
  }

  /** The change for a commit that adds `posted` to the `entries` on record. */
  commitOf(
    entries: readonly OutboxEntry[],
    posted: readonly OutboxEntry[],
    now: number,
  ): OutboxCommit {
    if (entries.length + posted.length === 0) return NOTHING;
    const dropped = droppedRequests([...entries, ...posted]);
    const gone = entries.flatMap(({ id }) => (this.#isGone(id, dropped) ? id : []));
    const undelivered = gone.flatMap((id) => this.#settled.get(id) ?? []);
    const after = [...entries.filter(({ id }) => !gone.includes(id)), ...posted];
    const isBusy = this.isBusy(after, now);
    const [next] = this.#heads(after)
      .map((entry) => {
        const { id, kind } = entry;
        const wakeAt = this.#putOff.get(id) ?? this.service.retryAt(entry, now);
        return { kind, wakeAt, isInVain: !this.service.canDeliver(kind) };
      })
      .toSorted((a, b) => Number(a.isInVain) - Number(b.isInVain) || a.wakeAt - b.wakeAt);
    return {
      ...(gone.length + posted.length > 0 && { change: { posted, gone, undelivered } }),
      entries: after,
      isBusy,
      ...(next && !isBusy && { wakeAt: next.wakeAt }),
      requires: next ? [ofDelivery(next.kind)] : [],
    };
  }

  /** Drops the outcomes of all deliveries in flight. */
  dropAll(): void {
    this.#isDropped = true;
    for (const abort of this.#underWay.values()) abort.abort();
  }

  /** The first entry of each key that is not delivered, refused or dropped. */
  #heads(entries: readonly OutboxEntry[]): readonly OutboxEntry[] {
    if (entries.length === 0) return entries;
    const dropped = droppedRequests(entries);
    const heads = new Map<string, OutboxEntry>();
    for (const entry of entries) {
      if (!this.#isGone(entry.id, dropped) && !heads.has(entry.key)) heads.set(entry.key, entry);
    }
    return [...heads.values()];
  }

  /**
   * A delivery in flight is not aborted: only after its end does the entry that takes it back find all of its
   * effects.
   */
  #isGone(id: string, dropped: ReadonlySet<string>): boolean {
    return this.#settled.has(id) || (dropped.has(id) && !this.#underWay.has(id));
  }

  #mayBegin({ id, kind }: OutboxEntry, now: number): boolean {
    if (this.#underWay.has(id) || this.#isDropped) return false;
    return (this.#putOff.get(id) ?? 0) <= now && this.service.canDeliver(kind);
  }

  async #deliver(entry: OutboxEntry, isCancelled: boolean): Promise<void> {
    const abort = new AbortController();
    this.#underWay.set(entry.id, abort);
    this.#putOff.delete(entry.id);
    const origin = { ...this.origin, state: this.#state };
    const outcome = await this.service.deliver(entry, origin, abort, isCancelled);
    this.#underWay.delete(entry.id);
    if (this.#isDropped) return;
    this.#settle(entry, outcome);
    this.whom.notify();
  }

  #settle(entry: OutboxEntry, outcome: DeliveryOutcome): void {
    const now = this.clock();
    if (outcome.kind === 'again') {
      this.#putOff.set(entry.id, this.service.retryAt(entry, now));
      return;
    }
    if (outcome.kind === 'delivered') {
      this.#settled.set(entry.id, undefined);
      if (this.lingerMs > 0 && isToBeAnswered(entry))
        this.#lingering.set(entry.id, now + this.lingerMs);
      return;
    }
    const { id, kind, key } = entry;
    const { code, message } = outcome;
    this.#settled.set(id, { id, kind, key, code, message, at: now });
  }
}
