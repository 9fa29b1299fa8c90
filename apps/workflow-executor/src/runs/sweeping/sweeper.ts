import { InFlightSet } from '@app/collections';
import { Episode, type FlowMetrics, type Log } from '@app/observability';
import {
  type Activity,
  activityBytes,
  type ActivityStore,
  DISPATCH_GRACE_MS,
  DuePoller,
  type EarlyClaim,
  type LookAgain,
} from '@app/persistence';
import { brokeOffFailure, isFinal } from '@app/workflow-engine';
import { type ActiveRuns } from '../driving/active-runs.js';
import { ExecutorStoppingError, isTransient } from '../errors.js';
import { knownOf } from '../known-record.js';
import { type RunBreaker } from '../run-end.js';
import { type RunStarter } from '../starting/run-starter.js';
import { DueWalk } from './due-walk.js';
import { UnclaimedWork } from './unclaimed-work.js';

/** Without a message for this long, in milliseconds, the sweeper looks for activities whose message got lost. */
const QUIET_MS = 1_000;
/** The least age, in milliseconds, of an activity whose message counts as lost. */
const UNDISPATCHED_AGE_MS = 2_000;
/**
 * For this long after an outage of MongoDB the sweeper looks for lost messages also while others arrive. An activity
 * whose insert got no answer reaches `UNDISPATCHED_AGE_MS` within it.
 */
const AFTER_OUTAGE_MS = 2 * UNDISPATCHED_AGE_MS;

/** The pause before an activity is due again after a transient error, in milliseconds. */
const AGAIN_MS = 1_000;

/** The sweeper's part of the permits. */
const SHARE = 1 / 4;

/**
 * The looks that are under way at the same time when much is due: while the first steps of some are being committed, those
 * of another are computed and the next is read.
 */
const LOOKS_MAX = 4;

/**
 * The most activities that a sweeper has in hand until they have begun. So most permits are left for messages and
 * signals, however much is due in the same second.
 */
export function claimsMaxOf(permitsMax: number): number {
  return Math.ceil(permitsMax * SHARE);
}

export interface SweeperSettings {
  /** The pause between two looks when nothing was due, in milliseconds. */
  readonly intervalMs: number;
  /** The most activities that begin at the same time; the free permits bound them, too. See `claimsMaxOf`. */
  readonly claimsMax: number;
  /** How long a claim lasts, in milliseconds. */
  readonly leaseMs: number;
  /** After so many takeovers in a row the next one ends the activity. */
  readonly takeoversMax: number;
}

/**
 * Finds activities for which no message comes: due retries and timers, activities whose executor died, and lost
 * dispatches. It runs them here, within the same permits as all runs. It publishes nothing, so a long backlog can't
 * grow by itself (docs/design.md#path-of-an-event). An activity that ends its executors is taken over at most
 * `takeoversMax` times.
 */
export class Sweeper {
  readonly #poller: DuePoller;
  #storeGone = false;
  /** When the time after the last outage of MongoDB is over, in milliseconds since 1970. */
  #outageOverAt = 0;
  /** Halved when a look fails and doubled, up to the setting, when one succeeds: a smaller batch may succeed. */
  #claimsMax: number;
  readonly #walk: DueWalk;
  /** What was taken and has not begun yet, by look. */
  readonly #beginning = new InFlightSet<Promise<unknown>>();
  #inHand = 0;
  readonly #notNow: Episode;
  readonly #unclaimed: UnclaimedWork;
  /** Whether the last look found as much as it could take, so that more may be due. */
  #isBehind = false;

  constructor(
    private readonly store: ActivityStore,
    private readonly runs: ActiveRuns,
    private readonly starter: RunStarter,
    private readonly breaker: RunBreaker,
    private readonly settings: SweeperSettings,
    private readonly clock: () => number,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
  ) {
    this.#claimsMax = settings.claimsMax;
    this.#walk = new DueWalk(clock, settings.claimsMax);
    this.#unclaimed = new UnclaimedWork(clock(), settings.leaseMs);
    this.#poller = new DuePoller(() => this.#look(), {
      pauseMs: settings.intervalMs,
      onTrouble: (err) => {
        log.error({ err }, 'The sweeper failed to look for due activities; it tries again');
      },
    });
    this.#notNow = new Episode(log, {
      began: "A due activity can't be resumed now; it is due again in a moment",
      ended: 'Due activities could not be resumed',
    });
  }

  start(): void {
    this.#poller.start();
  }

  async stop(): Promise<void> {
    await this.#poller.stop();
    this.#walk.end();
    await this.#allBegun();
  }

  async #look(): Promise<LookAgain> {
    const limit = this.#limit;
    const wasBehind = this.#isBehind;
    const due = limit > 0 ? await this.#sweep(limit) : 0;
    this.#isBehind = due > 0 && due === limit;
    const taken = due + (await this.#sweepOwn());
    const claimed = taken > 0 ? taken : await this.#sweepUntouched();
    // If a later part was not full, the part with the oldest may still be: it is looked at before a pause.
    return limit === 0 || (claimed < limit && !wasBehind) ? 'after-pause' : 'at-once';
  }

  /** The most activities that the next look takes. */
  get #limit(): number {
    return Math.min(Math.ceil(this.#claimsMax / LOOKS_MAX), this.runs.free);
  }

  /**
   * Takes activities whose leases this executor has and does not use, whatever else is due: each such lease counts as a
   * takeover when it expires. A look that fails or may have missed some is made again.
   */
  async #sweepOwn(): Promise<number> {
    const limit = this.#limit;
    if (!this.runs.mayOwnMore || this.#storeGone || limit === 0) return 0;
    // Until it has begun, nobody knows that a lease is used.
    await this.#allBegun();
    this.runs.mayOwnMore = false;
    const found = await this.#sweep(limit, { kind: 'own-leases', exceptIds: this.runs.ids });
    this.runs.mayOwnMore ||= found === limit;
    return found;
  }

  /**
   * If no message came for `QUIET_MS` or MongoDB was away a moment ago, takes activities whose message is missing before
   * they are due. If that message comes later, it finds the run begun.
   */
  async #sweepUntouched(): Promise<number> {
    const limit = this.#limit;
    if (limit === 0 || this.#storeGone) return 0;
    const now = this.clock();
    if (now - this.starter.notifiedAt < QUIET_MS && now > this.#outageOverAt) return 0;
    return this.#sweep(limit, {
      kind: 'untouched',
      withinMs: DISPATCH_GRACE_MS - UNDISPATCHED_AGE_MS,
    });
  }

  /**
   * Takes due activities and resumes them. Never rejects: after any error there is a next look.
   * @returns how many were due, at most `limit`: those that were taken, and those that others took first
   */
  async #sweep(limit: number, early?: EarlyClaim): Promise<number> {
    const { owner } = this.runs;
    const { leaseMs } = this.settings;
    const features = [...this.starter.features, ...this.runs.deliveryFeatures];
    const takeoverDelayMs = (takeover: number): number => delayOfTakeover(takeover, this.settings);
    let lost = 0;
    const onLost = (count: number): void => {
      lost += count;
    };
    try {
      if (!early && this.#walk.isOver) await this.#allBegun();
      const which = early ? { early } : { ...this.#walk.next(this.#isBehind), onLost };
      const bytesMax = this.runs.freeBytes;
      const now = this.clock();
      const unclaimed = this.#unclaimed.at(now);
      const mine = { features, leaseMs, owner, takeoverDelayMs, unclaimed };
      const claim = { now, limit, bytesMax, ...which, ...mine };
      const due = await this.store.claimDue(claim);
      if (this.#storeGone) this.#outageOverAt = this.clock() + AFTER_OUTAGE_MS;
      this.#storeGone = false;
      this.#claimsMax = Math.min(this.#claimsMax * 2, this.settings.claimsMax);
      this.metrics.sweeperClaimed(due.length);
      if (lost > 0) this.#walk.noteOthers();
      this.#begin(due);
      // Those that others took first were due, too.
      const found = due.length + lost >= limit || isMost(due, bytesMax) ? limit : due.length + lost;
      await (found < limit ? this.#endWalk() : this.#untilRoom(limit));
      return found;
    } catch (err) {
      this.#walk.end();
      if (!this.#storeGone) this.log.warn({ err }, 'The sweeper waits for MongoDB');
      this.#storeGone = true;
      this.runs.mayOwnMore = true;
      this.#claimsMax = Math.ceil(this.#claimsMax / 2);
      return 0;
    }
  }

  #begin(due: readonly Activity[]): void {
    const onOutrun = (): void => {
      this.#walk.noteOthers();
    };
    this.#inHand += due.length;
    const resumed = due.map((activity) =>
      this.#resume(activity, onOutrun).catch((err: unknown) => {
        this.#noteFailed(activity, err);
      }),
    );
    const begun = Promise.all(resumed).finally(() => {
      this.#inHand -= due.length;
      this.#beginning.delete(begun);
    });
    this.#beginning.add(begun);
  }

  /** All was found that is due. */
  async #endWalk(): Promise<void> {
    this.#walk.end();
    await this.#allBegun();
  }

  async #allBegun(): Promise<void> {
    await Promise.all(this.#beginning);
  }

  /**
   * Waits until as many may be taken. At least a turn of the event loop, in which commits are sent and messages are
   * taken.
   */
  async #untilRoom(limit: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    while (this.#inHand > 0 && this.#inHand + limit > this.#claimsMax)
      await Promise.race(this.#beginning);
  }

  async #resume(activity: Activity, onOutrun: () => void): Promise<void> {
    const { id: activityId, workflowId, status, takeovers = 0, leaseOwner } = activity;
    this.log.routine(
      () => ({ activityId, workflowId, status, takeovers }),
      'The sweeper resumes a due activity',
    );
    try {
      if (this.runs.notifyBegun(activityId)) return;
      // An ended activity has only its outbox to deliver: that is tried without a bound on takeovers.
      const isOver = isFinal(status);
      if (isOver || takeovers <= this.settings.takeoversMax)
        await this.starter.resume(activity, leaseOwner === undefined ? { onOutrun } : {});
      else await this.#breakOff(activity, takeovers);
    } catch (err) {
      if (!isTransient(err)) throw err;
      this.#notNow.occurred(() => ({ err, activityId }));
      const inMs = err instanceof ExecutorStoppingError ? 0 : AGAIN_MS;
      await this.runs.giveUpLeases([activityId], inMs);
    }
  }

  #noteFailed({ id: activityId }: Activity, err: unknown): void {
    this.log.warn(
      { err, activityId },
      'A due activity failed to resume; it is due again when its lease expires',
    );
  }

  /** Ends the activity. If another process has written meanwhile, it is looked at again when the lease expires. */
  async #breakOff(activity: Activity, takeovers: number): Promise<void> {
    const failure = brokeOffFailure(activity.state, takeovers);
    await this.breaker.break(activity, knownOf(activity), failure);
  }
}

/** Whether nearly all the room was used, so that more may be due than was taken. */
function isMost(due: readonly Activity[], bytesMax: number): boolean {
  return due.reduce((sum, activity) => sum + activityBytes(activity), 0) > bytesMax / 2;
}

/** The delay before the second takeover in a row, as a part of the lease; it doubles with each one. */
const DELAY_BASE = 1 / 30;
/** The longest delay, in leases. */
const DELAY_CAP = 2;

/**
 * The delay before a takeover, in milliseconds. The first has none. The later ones grow and have jitter: so an activity
 * that kills its executor is soon taken over alone, without others that would die with it.
 */
function delayOfTakeover(takeover: number, { leaseMs, takeoversMax }: SweeperSettings): number {
  if (takeover < 2 || takeover > takeoversMax) return 0;
  const fullMs = leaseMs * Math.min(DELAY_BASE * 2 ** (takeover - 2), DELAY_CAP);
  return Math.ceil(fullMs * (0.5 + Math.random() / 2));
}
