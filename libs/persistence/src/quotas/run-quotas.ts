import { FlowError } from '@app/errors';
import { type ActivityStore } from '../activities/activity-store.js';
import { StoreUnavailableError } from '../errors.js';
import { BoundedMap } from '@app/collections';
import { type Workflow } from '../workflows/workflow.js';

/** The workflow has used up its quota of runs for this calendar month (UTC). */
export class QuotaExceededError extends FlowError {
  readonly code = 'QUOTA_EXCEEDED';
  readonly kind = 'rate-limited';

  constructor(workflowId: string, runsPerMonth: number, resetsAt: number, now: number) {
    super(
      `Workflow "${workflowId}" has used its ${runsPerMonth} runs of this month; the next month begins at ` +
        `${new Date(resetsAt).toISOString()}. Raise its quota to run more before that`,
      { retryAfterSeconds: Math.max(1, Math.ceil((resetsAt - now) / 1_000)) },
    );
  }
}

export interface RunQuotaSettings {
  /** The quota of workflows that have none of their own; 0 for no limit. */
  readonly runsPerMonth: number;
  /** Called for each run that is refused. */
  readonly refused?: () => void;
  /** Called for each count that failed. Meanwhile no run of that workflow is refused, unless its month was full before. */
  readonly uncounted?: (workflowId: string, error: StoreUnavailableError) => void;
}

/** The number of a workflow's runs on record in a month (`quotaMonthOf`), `countMax` at most. */
export type CountRuns = (workflowId: string, month: number, countMax: number) => Promise<number>;

/** A reservation for one run, which counts against the quota from now on. */
export interface QuotaReservation {
  /** The month the run counts against, to be recorded with it as `NewActivity.quotaMonth`. */
  readonly month: number;
  /** Must be called exactly once, after the run was recorded (true) or when it will not be (false). */
  settle(isRecorded: boolean): void;
}

export interface QuotaUse {
  readonly used: number;
  readonly of: number;
  /** When the next month begins, in milliseconds since 1970. */
  readonly resetsAt: number;
}

/** What this process knows of one workflow in one month. Times are those of `now`, in milliseconds. */
interface Count {
  counted: number;
  /** The `countMax` of the count: it is exact below this number. */
  upTo: number;
  freshUntil: number;
  /** The last count failed, and is not tried again before this time. */
  unknownUntil: number;
  /** Runs this process put on record since the count began. */
  since: number;
  /** Places that are reserved and not settled. */
  pending: number;
  counting?: Promise<void>;
  /** Called when `pending` becomes 0. */
  drained: (() => void)[];
}

/** The use of a quota is shown up to this number. */
const SHOWN_MAX = 10_000_000;
const COUNTS_MAX = 10_000;
/** A count is reused for this long, in milliseconds; runs of other processes are seen with the next one. */
const FRESH_MS = 1_000;
/** The largest share of the time that counting may take: after a slow count the next one comes later. */
const COUNTING_SHARE = 1 / 20;

/**
 * The monthly quotas of workflows: decides whether a workflow may have another run in this calendar month (UTC).
 * The runs on record are counted by an index, so no counter can drift after a crash or a repeated event; retries do
 * not count. A count is reused for `FRESH_MS`, and the runs that this process admits meanwhile are added to it, so
 * that one process never exceeds a quota. Runs of other processes are seen with the next count.
 */
export class RunQuotas {
  readonly #counts = new BoundedMap<Count>(COUNTS_MAX);

  constructor(
    private readonly count: CountRuns,
    private readonly settings: RunQuotaSettings,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The runs a workflow may have in a month; 0 for no limit. */
  limitOf({ quotas }: Pick<Workflow, 'quotas'>): number {
    return quotas?.runsPerMonth ?? this.settings.runsPerMonth;
  }

  /**
   * Makes a reservation for one more run of a workflow that has a quota. While MongoDB does not answer, every run gets
   * one and is counted later, when it is on record. Only a month that was full before stays full: runs never
   * leave a month.
   *
   * @param at when the event was accepted, in milliseconds since 1970
   * @param isOnRecord whether this run is on record already; called only if the month is full
   * @returns undefined for a run that is on record already
   * @throws QuotaExceededError
   */
  async reserve(
    workflow: Pick<Workflow, 'id' | 'quotas'>,
    at: number,
    isOnRecord: () => Promise<boolean> = async () => false,
  ): Promise<QuotaReservation | undefined> {
    const limit = this.limitOf(workflow);
    const month = quotaMonthOf(at);
    const count = this.#countOf(`${workflow.id}:${month}`);
    for (;;) {
      const isUnknown = this.now() < count.unknownUntil;
      const isFresh = count.upTo >= limit && this.now() < count.freshUntil;
      if ((isFresh || isUnknown) && count.counted >= limit) {
        return await this.#full(count, workflow.id, limit, at, isOnRecord);
      }
      if (isUnknown) return reservationIn(count, month);
      if (isFresh) {
        if (count.counted + count.since + count.pending < limit) return reservationIn(count, month);
        // The pending reservations may be the last ones: wait until they are settled, and count again.
        if (count.pending > 0) await new Promise<void>((resolve) => count.drained.push(resolve));
      }
      try {
        await this.#countAgain(count, workflow.id, month, limit);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        return count.counted >= limit
          ? await this.#full(count, workflow.id, limit, at, isOnRecord)
          : reservationIn(count, month);
      }
    }
  }

  /** A run is admitted if MongoDB does not answer whether it is on record, as every run is during an outage. */
  async #full(
    count: Count,
    workflowId: string,
    limit: number,
    at: number,
    isOnRecord: () => Promise<boolean>,
  ): Promise<QuotaReservation | undefined> {
    try {
      if (await isOnRecord()) return undefined;
    } catch (error) {
      if (error instanceof StoreUnavailableError) return reservationIn(count, quotaMonthOf(at));
      throw error;
    }
    this.settings.refused?.();
    throw new QuotaExceededError(workflowId, limit, nextMonthAt(at), at);
  }

  /**
   * How much of its quota a workflow has used in the month of `at`; undefined when it has no quota.
   * @throws StoreUnavailableError
   */
  async use(workflow: Pick<Workflow, 'id' | 'quotas'>, at: number): Promise<QuotaUse | undefined> {
    const of = this.limitOf(workflow);
    if (of === 0) return undefined;
    // Not counted only up to the quota: more runs may be on record if the quota was lowered.
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

  /** Counts once for all callers that ask at the same time. */
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
      // A count that timed out would probably time out again, and every caller would wait for it.
      count.unknownUntil = this.now() + (this.now() - begun) / COUNTING_SHARE;
      if (error instanceof StoreUnavailableError) this.settings.uncounted?.(id, error);
      throw error;
    });
    count.upTo = countMax;
    // Runs recorded before the count began are in it. Those recorded during it may be or not, and stay in `since`.
    count.since -= since;
    const tookMs = this.now() - begun;
    count.freshUntil = this.now() + Math.max(FRESH_MS, tookMs / COUNTING_SHARE);
  }
}

function reservationIn(count: Count, month: number): QuotaReservation {
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

/** The calendar month in UTC, as a number such as 202611. @param at in milliseconds since 1970 */
export function quotaMonthOf(at: number): number {
  const date = new Date(at);
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
}

/** When the next month begins, in milliseconds since 1970. */
export function nextMonthAt(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/**
 * Makes a reservation for the run with this id. Undefined when the workflow has no quota, or
 * when the run is on record already: a repeated event gets the answer of the first, however full the month is.
 * @param at when the event was accepted, in milliseconds since 1970
 * @throws QuotaExceededError
 */
export async function reserveQuota(
  id: string,
  workflow: Pick<Workflow, 'id' | 'quotas'>,
  at: number,
  parts: {
    readonly quotas: Pick<RunQuotas, 'limitOf' | 'reserve'>;
    readonly activities: Pick<ActivityStore, 'statusOf'>;
  },
): Promise<QuotaReservation | undefined> {
  const { quotas, activities } = parts;
  if (quotas.limitOf(workflow) === 0) return undefined;
  return quotas.reserve(workflow, at, async () => (await activities.statusOf(id)) !== undefined);
}
