import { BoundedMap } from '@app/collections';
import { FlowError } from '@app/errors';
import {
  countedRecordOf,
  type Decision,
  type DecisionRecord,
  type DecisionStore,
  kindOf,
  mergeRecords,
  PacedWork,
  recordOf,
} from '@app/persistence';
import { type OnModuleDestroy } from '@nestjs/common';

export interface DecisionLogSettings {
  /** The decisions a minute, for each workflow, trigger, outcome and code, with a record of their own. 0 keeps none. */
  readonly perMinuteMax: number;
  /** How long a record is kept, in milliseconds. */
  readonly keptMs: number;
  /** The most bytes of all records in the database; the oldest are deleted. */
  readonly bytesMax: number;
  /** How long decisions wait for others before they are written, in milliseconds. */
  readonly flushMs: number;
}

export type DecisionFacts = Omit<Decision, 'outcome' | 'at' | 'code'>;

interface Share {
  left: number;
  filledAt: number;
  /** The record that counts the kind's further decisions. */
  counted?: DecisionRecord;
}

/** The allowance of a kind that was silent: this many minutes' worth of records at once. */
const BURST_MINUTES = 10;
const MS_A_MINUTE = 60_000;
/** The most kinds that are tracked; a forgotten kind has its full allowance again. */
const KINDS_MAX = 10_000;
/** The most records that wait to be written; further decisions are dropped and reported to `dropped`. */
const RECORDS_MAX = 1_000;
/** The time between two checks of the size of all records, in milliseconds. */
const TRIM_EVERY_MS = 60_000;

/**
 * The listener's decisions on their way to the database. Adding costs two map look-ups; it never waits and never
 * rejects. A decision has a record of its own while its kind has allowance left; further decisions of a kind within
 * an hour are counted in one record. So even a flood writes at most `RECORDS_MAX` records per `flushMs`.
 */
export class DecisionLog implements OnModuleDestroy {
  readonly #shares = new BoundedMap<Share>(KINDS_MAX);
  #waiting = new Map<string, DecisionRecord>();
  readonly #writes = new PacedWork(() => this.#write());
  #trimmedAt = 0;

  constructor(
    private readonly store: DecisionStore,
    private readonly settings: DecisionLogSettings,
    private readonly clock: () => number,
    /** Called with the number of decisions for which there was no room. */
    private readonly dropped: (decisions: number) => void,
  ) {}

  /** Whether the next decision of its kind gets a record of its own: only then its details are worth computing. */
  hasRoomFor(decision: Omit<Decision, 'at'>): boolean {
    const at = this.clock();
    return this.settings.perMinuteMax > 0 && this.#shareOf({ ...decision, at }).left >= 1;
  }

  add(decided: Omit<Decision, 'at'>): void {
    if (this.settings.perMinuteMax === 0) return;
    const decision = { ...decided, at: this.clock() };
    const share = this.#shareOf(decision);
    if (share.left >= 1) {
      share.left -= 1;
      this.#keep(recordOf(decision));
    } else {
      share.counted = countedRecordOf(decision, share.counted);
      this.#keep(share.counted);
    }
    this.#writes.within(this.settings.flushMs);
  }

  refused(error: FlowError, facts: DecisionFacts): void {
    this.add({ ...facts, outcome: 'refused', code: error.code });
  }

  /** Returns the result of `work`. If it throws a rejection, that is recorded as a decision. */
  async of<T>(facts: () => DecisionFacts, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof FlowError) this.refused(error, facts());
      throw error;
    }
  }

  /** Writes the waiting records. If that fails they are kept, as far as there is room, and tried again. */
  flush(): Promise<void> {
    return this.#writes.now();
  }

  /** Writes the rest: after the last answer and before the connection to MongoDB is closed. */
  onModuleDestroy(): Promise<void> {
    return this.flush();
  }

  async #write(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const records = [...this.#waiting.values()];
    this.#waiting = new Map();
    const { keptMs, bytesMax, flushMs } = this.settings;
    const now = this.clock();
    try {
      await this.store.add(records, now + keptMs);
    } catch {
      for (const record of records) this.#keep(record);
      this.#writes.within(flushMs);
      return;
    }
    if (now - this.#trimmedAt < TRIM_EVERY_MS) return;
    this.#trimmedAt = now;
    // A failed trim is repeated by the next one.
    await this.store.trim(bytesMax).catch(() => 0);
  }

  #keep(record: DecisionRecord): void {
    const known = this.#waiting.get(record.id);
    if (known) this.#waiting.set(record.id, mergeRecords(known, record));
    else if (this.#waiting.size < RECORDS_MAX) this.#waiting.set(record.id, record);
    else this.dropped(record.count);
  }

  #shareOf(decision: Decision): Share {
    const { perMinuteMax } = this.settings;
    const full = perMinuteMax * BURST_MINUTES;
    const kind = kindOf(decision);
    const known = this.#shares.get(kind);
    if (!known) {
      const share = { left: full, filledAt: decision.at };
      this.#shares.set(kind, share);
      return share;
    }
    const gained = (Math.max(0, decision.at - known.filledAt) / MS_A_MINUTE) * perMinuteMax;
    known.left = Math.min(full, known.left + gained);
    known.filledAt = decision.at;
    return known;
  }
}
