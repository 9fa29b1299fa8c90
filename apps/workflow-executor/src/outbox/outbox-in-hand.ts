import { type OutboxChange, type UndeliveredEntry } from '@app/persistence';
import { ofDelivery, type OutboxEntry, type Signal } from '@app/workflow-engine';
import { isAnsweredBy, isToBeAnswered } from './answered-entry.js';
import { type DeliveryService } from './delivery-service.js';
import { type DeliveryOutcome, type EntryOrigin } from './outbox-delivery.js';
import { needless, takenBack } from './taken-back.js';

/** What a commit has to say of the outbox, and what comes of it. */
export interface OutboxCommit {
  /** Undefined when nothing changes. */
  readonly change?: OutboxChange;
  /** As it is on record afterwards. */
  readonly entries: readonly OutboxEntry[];
  /** Whether deliveries are under way, or will begin once it is committed. */
  readonly isBusy: boolean;
  /** When somebody has to look at what is left; undefined when nothing is, or somebody is busy with it. */
  readonly wakeAt?: number;
  /** What a build must have for that. */
  readonly requires: readonly string[];
}

/** Of an activity that has nothing to tell, as most have. */
const NOTHING: OutboxCommit = { entries: [], isBusy: false, requires: [] };

/**
 * The outbox of one activity that is in flight here.
 *
 * 1. Only what is on record is delivered, and only while the record is leased to this executor.
 * 2. Of each key one entry is under way; the next begins when that is delivered, or refused for good.
 * 3. What a later entry takes back is delivered as such, or not tried again: then it leaves the record with the
 *    later one.
 * 4. What is delivered is remembered until a commit has taken it off the record. If this process dies
 *    before that, whoever comes next delivers it once more.
 * 5. What a worker has been given stays on record for `lingerMs`: its answer may come before, and then one
 *    commit takes both. What is answered counts as delivered, whoever delivered it.
 */
export class OutboxInHand {
  readonly #settled = new Map<string, UndeliveredEntry | undefined>();
  /** By entry: until when its answer may come before it leaves the record, in milliseconds since 1970. */
  readonly #lingering = new Map<string, number>();
  readonly #underWay = new Set<string>();
  /** By entry: not before this time, in milliseconds since 1970. */
  readonly #putOff = new Map<string, number>();
  #abort: AbortController | undefined;
  #isDropped = false;

  constructor(
    private readonly service: Pick<DeliveryService, 'canDeliver' | 'deliver' | 'retryAt'>,
    private readonly origin: EntryOrigin,
    private readonly clock: () => number,
    private readonly whom: { notify(): void },
    private readonly lingerMs = 0,
  ) {}

  /** Begins what may begin of what is on record, and puts off what nobody here can deliver now. */
  goOn(entries: readonly OutboxEntry[], now: number): void {
    if (entries.length === 0) return;
    const unwanted = takenBack(entries);
    for (const entry of this.#heads(entries)) {
      if (this.#underWay.has(entry.id) || (this.#putOff.get(entry.id) ?? 0) > now) continue;
      if (this.#mayBegin(entry, now)) void this.#deliver(entry, unwanted.has(entry.id));
      else this.#putOff.set(entry.id, this.service.retryAt(entry, now));
    }
  }

  /** Whether something is under way, or may begin now. */
  isBusy(entries: readonly OutboxEntry[], now: number): boolean {
    return this.#heads(entries).some(
      (entry) => this.#underWay.has(entry.id) || this.#mayBegin(entry, now),
    );
  }

  /** When what was put off may be tried again, or leaves the record what is not answered by then. */
  nextAt(entries: readonly OutboxEntry[]): number | undefined {
    const times = this.#heads(entries).flatMap(({ id }) => this.#putOff.get(id) ?? []);
    return times.length === 0 ? this.lingersUntil(entries) : Math.min(...times);
  }

  /** When what is delivered leaves the record at the latest; undefined unless all of it may be answered before. */
  lingersUntil(entries: readonly OutboxEntry[]): number | undefined {
    if (entries.length === 0 || !entries.every(({ id }) => this.#lingering.has(id)))
      return undefined;
    return Math.min(...entries.map(({ id }) => this.#lingering.get(id) ?? 0));
  }

  /** That the answers to these are there. */
  noteAnswered(entries: readonly OutboxEntry[], signals: readonly Signal[]): void {
    for (const entry of entries) {
      if (signals.some((signal) => isAnsweredBy(entry, signal)))
        this.#settled.set(entry.id, undefined);
    }
  }

  /** Whether something of it waits to leave the record. */
  hasSettled(entries: readonly OutboxEntry[]): boolean {
    return entries.some(({ id }) => this.#settled.has(id));
  }

  /** For a commit that adds `posted` to the `entries` on record. */
  commitOf(
    entries: readonly OutboxEntry[],
    posted: readonly OutboxEntry[],
    now: number,
  ): OutboxCommit {
    if (entries.length + posted.length === 0) return NOTHING;
    const unwanted = needless([...entries, ...posted]);
    const gone = entries.flatMap(({ id }) => (this.#isGone(id, unwanted) ? id : []));
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

  /** Nobody here wants to know any more what becomes of what is under way. */
  dropAll(): void {
    this.#isDropped = true;
    this.#abort?.abort();
  }

  /** The first of each key that is neither delivered nor refused, nor taken back. */
  #heads(entries: readonly OutboxEntry[]): readonly OutboxEntry[] {
    if (entries.length === 0) return entries;
    const unwanted = needless(entries);
    const heads = new Map<string, OutboxEntry>();
    for (const entry of entries) {
      if (!this.#isGone(entry.id, unwanted) && !heads.has(entry.key)) heads.set(entry.key, entry);
    }
    return [...heads.values()];
  }

  /** What is under way is let end: only then what takes it back finds all that became of it. */
  #isGone(id: string, unwanted: ReadonlySet<string>): boolean {
    return this.#settled.has(id) || (unwanted.has(id) && !this.#underWay.has(id));
  }

  #mayBegin({ id, kind }: OutboxEntry, now: number): boolean {
    if (this.#underWay.has(id) || this.#isDropped) return false;
    return (this.#putOff.get(id) ?? 0) <= now && this.service.canDeliver(kind);
  }

  async #deliver(entry: OutboxEntry, isTakenBack: boolean): Promise<void> {
    this.#underWay.add(entry.id);
    this.#putOff.delete(entry.id);
    const { signal } = (this.#abort ??= new AbortController());
    const outcome = await this.service.deliver(entry, this.origin, signal, isTakenBack);
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
