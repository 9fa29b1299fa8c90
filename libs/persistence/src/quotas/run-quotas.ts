import { StoreUnavailableError } from '../errors.js';
import { BoundedMap } from '../storage/bounded-map.js';
import { type Workflow } from '../workflows/workflow.js';
import { QuotaExceededError } from './errors.js';
import { nextMonthAt, quotaMonthOf } from './quota-month.js';

export interface RunQuotaSettings {
  /** Of a workflow without a quota of its own; 0 sets no limit. */
  readonly runsPerMonth: number;
  /** Is told of each run that is refused. */
  readonly refused?: () => void;
  /** Is told of each count that could not be made: of that workflow nothing is refused meanwhile, unless its month was full. */
  readonly uncounted?: (workflowId: string, error: StoreUnavailableError) => void;
}

/** How many runs of a workflow are on record in a month, counted no further than `countMax`. */
export type CountRuns = (workflowId: string, month: number, countMax: number) => Promise<number>;

/** A run that may be put on record, and is counted from now on. */
export interface QuotaPlace {
  /** Goes on its record: it is counted by that (`NewActivity.quotaMonth`). */
  readonly month: number;
  /** Whether it was put there. To be said once, whatever came of it. */
  settle(isRecorded: boolean): void;
}

export interface QuotaUse {
  readonly used: number;
  readonly of: number;
  /** When the count begins anew, in milliseconds since 1970. */
  readonly resetsAt: number;
}

interface Count {
  counted: number;
  /** How far it was counted. */
  upTo: number;
  freshUntil: number;
  /** Nobody could count, and nobody tries again before. */
  unknownUntil: number;
  /** Put on record since the count began. */
  since: number;
  /** On their way to the record. */
  pending: number;
  counting?: Promise<void>;
  drained: (() => void)[];
}

/** What is shown is counted no further. */
const SHOWN_MAX = 10_000_000;
const COUNTS_MAX = 10_000;
/** What others put on record is seen after so long, in milliseconds. */
const FRESH_MS = 1_000;
/** Counting takes no more than this share of the time, however much there is to count. */
const COUNTING_SHARE = 1 / 20;

/**
 * Who may have another run in this calendar month (UTC). What counts is what is on record, by an index, so no count
 * can drift: not by a process that dies, an event that comes twice, or a retry, which is not counted. A count is
 * kept for a moment, and what this process lets in meanwhile is added to it, so that it never lets in too many
 * itself; other processes are seen with the next count.
 */
export class RunQuotas {
  readonly #counts = new BoundedMap<Count>(COUNTS_MAX);

  constructor(
    private readonly count: CountRuns,
    private readonly settings: RunQuotaSettings,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How many runs it may have in a month; 0 sets no limit. */
  limitOf({ quotas }: Pick<Workflow, 'quotas'>): number {
    return quotas?.runsPerMonth ?? this.settings.runsPerMonth;
  }

  /**
   * A place for one more run of a workflow that has a quota. While MongoDB is gone there is one for everybody:
   * what is accepted then is counted when it is on record. A month that was full stays so while it can't be counted:
   * nothing takes a run out of it.
   *
   * @param at when it was accepted, in milliseconds since 1970
   * @param isOnRecord already; asked where the month is full
   * @returns undefined for one that is on record
   * @throws QuotaExceededError
   */
  async place(
    workflow: Pick<Workflow, 'id' | 'quotas'>,
    at: number,
    isOnRecord: () => Promise<boolean> = async () => false,
  ): Promise<QuotaPlace | undefined> {
    const limit = this.limitOf(workflow);
    const month = quotaMonthOf(at);
    const count = this.#countOf(`${workflow.id}:${month}`);
    for (;;) {
      const isUnknown = this.now() < count.unknownUntil;
      const isFresh = count.upTo >= limit && this.now() < count.freshUntil;
      if ((isFresh || isUnknown) && count.counted >= limit) {
        return await this.#full(count, workflow.id, limit, at, isOnRecord);
      }
      if (isUnknown) return placeIn(count, month);
      if (isFresh) {
        if (count.counted + count.since + count.pending < limit) return placeIn(count, month);
        // Nobody is let in until it is known what became of those that are on their way.
        if (count.pending > 0) await new Promise<void>((resolve) => count.drained.push(resolve));
      }
      try {
        await this.#countAgain(count, workflow.id, month, limit);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        return count.counted >= limit
          ? await this.#full(count, workflow.id, limit, at, isOnRecord)
          : placeIn(count, month);
      }
    }
  }

  /** While nobody can say whether it is on record it is let in, as all are while MongoDB is gone. */
  async #full(
    count: Count,
    workflowId: string,
    limit: number,
    at: number,
    isOnRecord: () => Promise<boolean>,
  ): Promise<QuotaPlace | undefined> {
    try {
      if (await isOnRecord()) return undefined;
    } catch (error) {
      if (error instanceof StoreUnavailableError) return placeIn(count, quotaMonthOf(at));
      throw error;
    }
    this.settings.refused?.();
    throw new QuotaExceededError(workflowId, limit, nextMonthAt(at), at);
  }

  /** Undefined where no quota is set. @throws StoreUnavailableError */
  async use(workflow: Pick<Workflow, 'id' | 'quotas'>, at: number): Promise<QuotaUse | undefined> {
    const of = this.limitOf(workflow);
    if (of === 0) return undefined;
    // One that was lowered may have been passed.
    const used = await this.count(workflow.id, quotaMonthOf(at), SHOWN_MAX);
    return { used, of, resetsAt: nextMonthAt(at) };
  }

  #countOf(key: string): Count {
    const known = this.#counts.get(key);
    if (known) return known;
    const times = { freshUntil: 0, unknownUntil: 0 };
    const count = { ...times, counted: 0, upTo: 0, since: 0, pending: 0, drained: [] };
    this.#counts.set(key, count);
    return count;
  }

  /** All who ask at the same moment wait for the same answer. */
  #countAgain(count: Count, id: string, month: number, countMax: number): Promise<void> {
    count.counting ??= this.#fill(count, id, month, countMax).finally(() => {
      delete count.counting;
    });
    return count.counting;
  }

  async #fill(count: Count, id: string, month: number, countMax: number): Promise<void> {
    const begun = this.now();
    const { since } = count;
    count.counted = await this.count(id, month, countMax).catch((error: unknown) => {
      // What took as long as it may take would take as long again, and all who ask would wait for it.
      count.unknownUntil = this.now() + (this.now() - begun) / COUNTING_SHARE;
      if (error instanceof StoreUnavailableError) this.settings.uncounted?.(id, error);
      throw error;
    });
    count.upTo = countMax;
    // What was on record before is in it; of what came meanwhile nobody knows.
    count.since -= since;
    const tookMs = this.now() - begun;
    count.freshUntil = this.now() + Math.max(FRESH_MS, tookMs / COUNTING_SHARE);
  }
}

function placeIn(count: Count, month: number): QuotaPlace {
  count.pending += 1;
  return {
    month,
    settle: (isRecorded) => {
      count.pending -= 1;
      if (isRecorded) count.since += 1;
      if (count.pending === 0) for (const resolve of count.drained.splice(0)) resolve();
    },
  };
}
