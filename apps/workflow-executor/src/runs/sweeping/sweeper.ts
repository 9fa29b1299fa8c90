import { Episode, type FlowMetrics, type Log } from '@app/observability';
import {
  type Activity,
  activityBytes,
  type ActivityStore,
  DISPATCH_GRACE_MS,
  DuePoller,
  type EarlyClaim,
  type LookAgain,
  StoreUnavailableError,
} from '@app/persistence';
import { brokeOffFailure, isFinal } from '@app/workflow-engine';
import { type ActiveRuns } from '../driving/active-runs.js';
import { ExecutorStoppingError, isTransient } from '../errors.js';
import { knownOf } from '../known-record.js';
import { type RunBreaker } from '../run-end.js';
import { type RunStarter } from '../starting/run-starter.js';
import { UnclaimedWork } from './unclaimed-work.js';

/** How long no message told of anything before it looks for what none told of, in milliseconds. */
const QUIET_MS = 1_000;
/** What was recorded longer ago, in milliseconds, has had the time to be told of. */
const UNTOLD_AGE_MS = 2_000;
/**
 * So long after MongoDB is back it looks for that whatever messages tell of: what was recorded without an answer is
 * as old by then.
 */
const AFTER_OUTAGE_MS = 2 * UNTOLD_AGE_MS;

/** When what failed and may pass is due again, in milliseconds. */
const AGAIN_MS = 1_000;

/** The sweeper's part of the permits. */
const SHARE = 1 / 4;

/**
 * What a sweeper takes at one look, of so many permits. The next look comes when all of that has begun, so however
 * much is due at the same second, most permits are left to what messages and signals bring.
 */
export function claimsMaxOf(permitsMax: number): number {
  return Math.ceil(permitsMax * SHARE);
}

export interface SweeperSettings {
  /** The pause between two looks when nothing was due, in milliseconds. */
  readonly intervalMs: number;
  /** Taken at one look; also bounded by the free permits. See `claimsMaxOf`. */
  readonly claimsMax: number;
  readonly leaseMs: number;
  /** After so many takeovers in a row the next one ends the activity. */
  readonly takeoversMax: number;
}

/**
 * Finds what nobody tells of: due retries, activities whose executor died, dispatches that got
 * lost. It runs what it claims itself, within the same permits as everything else, and never
 * publishes, so that a long backlog can't feed itself (docs/design.md#way-of-an-event). What breaks whoever takes
 * it up is taken up a bounded number of times.
 */
export class Sweeper {
  readonly #poller: DuePoller;
  #storeGone = false;
  /** When the time after the last outage of MongoDB is over, in milliseconds since 1970. */
  #outageOverAt = 0;
  /** A claim got no answer, or could not be given up: a lease of this executor may be nobody's. */
  #mayOwnMore = false;
  /** Halved when a look fails and doubled when one does not: what was too much at once gets less. */
  #claimsMax: number;
  readonly #notNow: Episode;
  readonly #unclaimed: UnclaimedWork;
  /** Whether there was all at the last look that it could take. */
  #isBehind = false;
  /** Those of what is due that it will look at next, the last one first; none while nobody else takes from it. */
  #parts: number[] = [];

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
    this.#unclaimed = new UnclaimedWork(clock(), settings.leaseMs);
    this.#poller = new DuePoller(() => this.#look(), {
      pauseMs: settings.intervalMs,
      onTrouble: (err) => {
        log.error({ err }, 'A look at what is due failed; the next one comes');
      },
    });
    this.#notNow = new Episode(log, {
      began: 'A due activity can not be gone on with now; it is due again in a moment',
      ended: 'Due activities could not be gone on with',
    });
  }

  start(): void {
    this.#poller.start();
  }

  async stop(): Promise<void> {
    await this.#poller.stop();
  }

  async #look(): Promise<LookAgain> {
    const limit = Math.min(this.#claimsMax, this.runs.free);
    const wasBehind = this.#isBehind;
    const due = limit > 0 ? await this.#sweep(limit) : 0;
    this.#isBehind = due > 0 && due === limit;
    const claimed = due > 0 ? due : await this.#sweepEarly(limit);
    // A later part that has less says nothing of the oldest one: that is looked at first.
    return limit === 0 || (claimed < limit && !wasBehind) ? 'after-pause' : 'at-once';
  }

  /**
   * With nothing due there is time for what is due only later: claims of this executor whose answer
   * was lost while MongoDB was away, then, if no message told of anything for a while or MongoDB was away a
   * moment ago, what nobody was told of. A message that comes all the same finds it begun.
   */
  async #sweepEarly(limit: number): Promise<number> {
    if (limit === 0 || this.#storeGone) return 0;
    if (this.#mayOwnMore) {
      // Once: what this does not find is due when its lease is over.
      this.#mayOwnMore = false;
      return this.#sweep(limit, { kind: 'own-leases', exceptIds: this.runs.ids });
    }
    const now = this.clock();
    if (now - this.starter.toldAt < QUIET_MS && now > this.#outageOverAt) return 0;
    return this.#sweep(limit, { kind: 'untouched', withinMs: DISPATCH_GRACE_MS - UNTOLD_AGE_MS });
  }

  /** Never rejects: whatever goes wrong, there is a next look. */
  async #sweep(limit: number, early?: EarlyClaim): Promise<number> {
    const { owner } = this.runs;
    const { leaseMs } = this.settings;
    const features = [...this.starter.features, ...this.runs.deliveryFeatures];
    const takeoverDelayMs = (takeover: number): number => delayOfTakeover(takeover, this.settings);
    let lost = 0;
    let outrun = 0;
    const onLost = (count: number): void => {
      lost += count;
    };
    const onOutrun = (): void => {
      outrun += 1;
    };
    try {
      const which = early ? { early } : { skip: this.#skip(), onLost };
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
      await Promise.all(due.map((activity) => this.#resume(activity, onOutrun)));
      if (lost + outrun > 0) this.#noteOthers();
      const bytes = due.reduce((sum, activity) => sum + activityBytes(activity), 0);
      // What had no room may be due as well, and what others took was due.
      return bytes > bytesMax / 2 ? limit : Math.min(due.length + lost, limit);
    } catch (err) {
      if (!this.#storeGone) this.log.warn({ err }, 'The sweeper has to wait for MongoDB');
      this.#storeGone = true;
      this.#mayOwnMore = early?.kind !== 'own-leases';
      this.#claimsMax = Math.ceil(this.#claimsMax / 2);
      return 0;
    }
  }

  /**
   * While more is due than it can take, and another sweeper took some of that first, it looks at one part after the
   * other: so they do not go on losing the same ones to each other. What is passed over is read in the index all the
   * same, so one that is alone passes nothing over.
   */
  #skip(): number {
    if (!this.#isBehind) this.#parts = [];
    return (this.#parts.pop() ?? 0) * this.settings.claimsMax;
  }

  /** A round has each part once, in an order of its own. After it comes a look at the oldest, which may begin another. */
  #noteOthers(): void {
    if (this.#parts.length === 0) this.#parts = shuffled(PARTS);
  }

  async #resume(activity: Activity, onOutrun: () => void): Promise<void> {
    const { id: activityId, workflowId, status, takeovers = 0, leaseOwner } = activity;
    this.log.routine(
      () => ({ activityId, workflowId, status, takeovers }),
      'Sweeper goes on with a due activity',
    );
    try {
      if (this.runs.notifyBegun(activityId)) return;
      // What has ended can't be broken off: what it has to tell is tried for as long as it takes.
      const isOver = isFinal(status);
      if (isOver || takeovers <= this.settings.takeoversMax)
        await this.starter.resume(activity, leaseOwner === undefined ? { onOutrun } : {});
      else await this.#breakOff(activity, takeovers);
    } catch (err) {
      if (!isTransient(err)) {
        this.log.warn(
          { err, activityId },
          'A due activity broke off; it is due again after its lease',
        );
        return;
      }
      this.#notNow.occurred(() => ({ err, activityId }));
      const inMs = err instanceof ExecutorStoppingError ? 0 : AGAIN_MS;
      this.#mayOwnMore ||= err instanceof StoreUnavailableError;
      await this.runs.giveUpLeases([activityId], inMs);
    }
  }

  /** If somebody has written meanwhile, it is looked at again after the lease. */
  async #breakOff(activity: Activity, takeovers: number): Promise<void> {
    const failure = brokeOffFailure(activity.state, takeovers);
    await this.breaker.break(activity, knownOf(activity), failure);
  }
}

/** Of what is due, each as large as the most that is taken at one look. */
const PARTS = 4;

function shuffled(count: number): number[] {
  const numbers = Array.from({ length: count }, (_, number) => ({ number, at: Math.random() }));
  return numbers.sort((a, b) => a.at - b.at).map(({ number }) => number);
}

/** The delay before the second takeover in a row, as a part of the lease; it doubles with each one. */
const DELAY_BASE = 1 / 30;
/** The longest delay, in leases. */
const DELAY_CAP = 2;

/**
 * The first takeover is at once. The later ones wait, and not the same time, so that an activity
 * which kills its executor comes to be alone with it, and the others get on.
 */
function delayOfTakeover(takeover: number, { leaseMs, takeoversMax }: SweeperSettings): number {
  if (takeover < 2 || takeover > takeoversMax) return 0;
  const fullMs = leaseMs * Math.min(DELAY_BASE * 2 ** (takeover - 2), DELAY_CAP);
  return Math.ceil(fullMs * (0.5 + Math.random() / 2));
}
