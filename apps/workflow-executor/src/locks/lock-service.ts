import {
  type ActivityStore,
  DuePoller,
  isHolder,
  isLeaseOver,
  type LockHolder,
  type LockRequest,
  type LockStore,
  nextLook,
  type LookAgain,
} from '@app/persistence';
import { HOUR_MS, isFinal, type LockEntry, MINUTE_MS, type Signal } from '@app/workflow-engine';
import { LockUnservedError } from './errors.js';
import { SharedPasses } from './shared-passes.js';

/** The longest time between two checks of a holder, in milliseconds; also until the first check of a request. */
const LOOK_MS = 5 * MINUTE_MS;
/** The longest time between two checks of a waiting run, in milliseconds. */
const LOOK_MS_MAX = HOUR_MS;
/** The time until the next check of a holder without a recorded signal, or after a failed check, in milliseconds. */
export const LOOK_SOON_MS = 1_000;
/** The largest number of holders and requests that one pass checks. */
const LOOKED_AT_MAX = 100;
/** The largest number of ended runs that one delivery removes from a queue; the next delivery removes more. */
const PASSED_OVER_MAX = 1_000;

/** When a lock was requested. */
export interface Asked {
  /** The position in the queue, in milliseconds since 1970. */
  readonly askedAt: number;
}

/** The members of a request that set how long and for how many runs the lock is granted. */
type LockTerms = Pick<LockRequest, 'leaseMs' | 'limit' | 'throttleMs' | 'notBefore'>;

/**
 * Grants locks to runs in the order of their requests, and sends them signals. Every step may be repeated, also by two
 * executors: MongoDB bounds the holders, a request counts once, and a run takes the signal once.
 */
export class LockService {
  #poller: DuePoller | undefined;
  #onGranted: (activity: string) => void = () => undefined;
  /** Concurrent passes for one lock would find the same holder, and each of them would send it the same signal. */
  readonly #passes = new SharedPasses((lock) => this.#serve(lock));

  constructor(
    protected readonly locks: LockStore,
    protected readonly activities: ActivityStore,
    protected readonly clock: () => number,
    private readonly onTrouble: (error: unknown) => void,
    private readonly grantOf: (holder: LockHolder, at: number) => Signal = lockGranted,
  ) {}

  /** Calls `onGranted` with each activity whose inbox has a new signal: the lock is granted, or never will be. */
  subscribe(onGranted: (activity: string) => void): void {
    this.#onGranted = onGranted;
  }

  /**
   * Adds a request to the queue of the lock and grants what is free.
   * @param askedAt the position in the queue, in milliseconds since 1970
   * @throws LockUnservedError
   */
  async ask(activity: string, entry: LockEntry, askedAt: number): Promise<void> {
    const { lock, task, attempt } = entry;
    const request = {
      lock,
      activity,
      task,
      attempt,
      askedAt,
      ...this.termsOf({ ...entry, askedAt }),
    };
    const { notBefore = this.clock() + LOOK_MS } = request;
    await this.locks.ask(request, notBefore);
    await this.serve(lock);
  }

  /**
   * Removes the request or the hold and grants the lock to the next run.
   * @throws LockUnservedError
   */
  async release(activity: string, { lock, task, attempt }: LockEntry): Promise<void> {
    await this.locks.withdraw({ lock, activity, task, attempt });
    await this.serve(lock);
  }

  /** Checks due holders and waiters: leases expire, and a run may have ended without a release. */
  start(pauseMs: number): void {
    this.#poller ??= new DuePoller(() => this.look(), { pauseMs, onTrouble: this.onTrouble });
    this.#poller.start();
  }

  async stop(): Promise<void> {
    await this.#poller?.stop();
  }

  /** Makes one such pass. */
  async look(): Promise<LookAgain> {
    const now = this.clock();
    const due = await this.locks.due(now, LOOKED_AT_MAX);
    const queues = new Set<string>();
    for (const found of due) {
      if (!isHolder(found) && found.rejection === undefined && queues.has(found.lock)) continue;
      try {
        await this.#lookAt(found, now, queues);
      } catch (error) {
        this.onTrouble(error);
        // The failed check is repeated after the others, so that it does not delay them.
        await this.locks.lookAgain(found, now + LOOK_SOON_MS);
      }
    }
    return due.length === LOOKED_AT_MAX ? 'at-once' : 'after-pause';
  }

  /** The part of a request besides its run and its lock. */
  protected termsOf({ leaseMs }: LockEntry & Asked): LockTerms {
    return typeof leaseMs === 'number' ? { leaseMs } : {};
  }

  /**
   * Checks a holder or a waiting request. A waiting request is checked because an executor may have died between a
   * release and the next grant. That check postpones the whole queue, so the pass checks each of `queues` once.
   */
  async #lookAt(found: LockHolder | LockRequest, now: number, queues: Set<string>): Promise<void> {
    if (!isHolder(found)) await this.lookAtWaiting(found, now, queues);
    else if (!(await this.#mayKeep(found, now))) await this.takeBack(found);
    else await this.locks.lookAgain(found, lookAfter(found, now));
    await this.serve(found.lock);
  }

  /** Postpones the checks of the queue. They become rarer the longer a run waits, because a release grants at once. */
  protected async lookAtWaiting(
    { lock }: LockRequest,
    now: number,
    queues: Set<string>,
  ): Promise<void> {
    await this.locks.lookAgainAtQueue(lock, now, { msMin: LOOK_MS, msMax: LOOK_MS_MAX });
    queues.add(lock);
  }

  /** Takes the lock from a run that has ended, or whose lease has expired, without a release. */
  protected async takeBack(holder: LockHolder): Promise<void> {
    await this.locks.withdraw(holder);
  }

  /** An expired lease is passed on only after the signal for its run is on record. */
  async #mayKeep(holder: LockHolder, now: number): Promise<boolean> {
    if (holder.isSignalled && isLeaseOver(holder, now)) return false;
    const status = await this.activities.statusOf(holder.activity);
    return status !== undefined && !isFinal(status);
  }

  /**
   * Grants the lock to the next runs, as far as it is free, and sends them signals.
   * @throws LockUnservedError when too many of the waiting runs have ended
   */
  protected serve(lock: string): Promise<void> {
    return this.#passes.run(lock);
  }

  async #serve(lock: string): Promise<void> {
    for (let passed = 0; passed < PASSED_OVER_MAX; passed += 1) {
      const now = this.clock();
      const holder = await this.locks.grant(lock, now, now + LOOK_SOON_MS);
      if (holder === undefined || holder.isSignalled) return;
      const isSignalled = await this.#signalHolder(holder, now);
      if (!isSignalled) await this.locks.withdraw(holder);
      // A lock with several holders may have another free slot; `grant` compares with the limit of the next request.
      else if (holder.limit === undefined) return;
    }
    throw new LockUnservedError(lock, PASSED_OVER_MAX);
  }

  /** @returns false when the run has ended and needs no lock */
  async #signalHolder(holder: LockHolder, at: number): Promise<boolean> {
    const { activity } = holder;
    const put = await this.activities.signal(activity, this.grantOf(holder, at));
    if (put === 'final' || put === 'not-found') return false;
    const now = this.clock();
    await this.locks.markSignalled(holder, now, now + LOOK_MS);
    this.noticed(activity);
    return true;
  }

  /** Reports that the inbox of the activity has a new signal. */
  protected noticed(activity: string): void {
    this.#onGranted(activity);
  }
}

function lookAfter(holder: LockHolder, now: number): number {
  return holder.isSignalled ? nextLook(holder, now + LOOK_MS) : now + LOOK_SOON_MS;
}

/** One id for each grant. A request that came after its release is granted once more, and its run gives it back. */
function lockGranted({ lock, task, attempt, grantedAt }: LockHolder, at: number): Signal {
  const id = `lock:${lock}:${task}:${attempt}:${grantedAt}`;
  return { id, kind: 'lock-granted', at, task, attempt, lock };
}
