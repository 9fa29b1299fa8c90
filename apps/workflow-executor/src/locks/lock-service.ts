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
import { isFinal, type LockEntry, type Signal } from '@app/workflow-engine';
import { LockUnservedError } from './errors.js';

/** The longest time between two checks of a run that holds a lock, in milliseconds. */
const LOOK_MS = 300_000;
/** The same for a run that waits. */
const LOOK_MS_MAX = 3_600_000;
/** The same for a run that holds a lock and may not know it, or that could not be checked. */
export const LOOK_SOON_MS = 1_000;
const LOOKED_AT_MAX = 100;
/** How many runs that ended while they waited are passed over in one pass; the next delivery passes over the rest. */
const PASSED_OVER_MAX = 1_000;

/** The time by which its queue orders it, in milliseconds since 1970. */
export interface Asked {
  readonly askedAt: number;
}

/** The lock terms of a request. */
type LockTerms = Pick<LockRequest, 'leaseMs' | 'limit' | 'throttleMs' | 'notBefore'>;

/**
 * Grants locks to runs in the order of their requests, and tells them. Every step may be repeated, also by two
 * executors: MongoDB allows one holder, a request counts once, and a run takes the signal once.
 */
export class LockService {
  #poller: DuePoller | undefined;
  #onGranted: (activity: string) => void = () => undefined;

  constructor(
    protected readonly locks: LockStore,
    protected readonly activities: ActivityStore,
    protected readonly clock: () => number,
    private readonly onTrouble: (error: unknown) => void,
    private readonly grantOf: (holder: LockHolder, at: number) => Signal = lockGranted,
  ) {}

  /** Called with each activity that was granted a lock, or will not get it. */
  subscribe(onGranted: (activity: string) => void): void {
    this.#onGranted = onGranted;
  }

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

  async look(): Promise<LookAgain> {
    const now = this.clock();
    const due = await this.locks.due(now, LOOKED_AT_MAX);
    const queues = new Set<string>();
    for (const found of due) {
      if (!isHolder(found) && found.turnedAway === undefined && queues.has(found.lock)) continue;
      try {
        await this.#lookAt(found, now, queues);
      } catch (error) {
        this.onTrouble(error);
        // After the others, which must not wait for it.
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
   * A waiting run is due, too: an executor may have died between a release and the next grant. Then the whole queue
   * is checked, whose name joins `queues`.
   */
  async #lookAt(found: LockHolder | LockRequest, now: number, queues: Set<string>): Promise<void> {
    if (!isHolder(found)) await this.lookAtWaiting(found, now, queues);
    else if (!(await this.#mayKeep(found, now))) await this.takeBack(found);
    else await this.locks.lookAgain(found, lookAfter(found, now));
    await this.serve(found.lock);
  }

  /** The longer a run has waited, the rarer it is checked: a release grants the lock to the next run at once. */
  protected async lookAtWaiting(
    { lock }: LockRequest,
    now: number,
    queues: Set<string>,
  ): Promise<void> {
    await this.locks.lookAgainAtQueue(lock, now, { msMin: LOOK_MS, msMax: LOOK_MS_MAX });
    queues.add(lock);
  }

  /** Takes the lock from a run that holds it no longer, though its release may be missing. */
  protected async takeBack(holder: LockHolder): Promise<void> {
    await this.locks.withdraw(holder);
  }

  /** An expired lease is passed on only after its run has been told. */
  async #mayKeep(holder: LockHolder, now: number): Promise<boolean> {
    if (holder.isTold && isLeaseOver(holder, now)) return false;
    const status = await this.activities.statusOf(holder.activity);
    return status !== undefined && !isFinal(status);
  }

  /**
   * Grants the lock to the next run and tells it.
   * @throws LockUnservedError when too many had to be passed over
   */
  protected async serve(lock: string): Promise<void> {
    for (let passed = 0; passed < PASSED_OVER_MAX; passed += 1) {
      const now = this.clock();
      const holder = await this.locks.grant(lock, now, now + LOOK_SOON_MS);
      if (holder === undefined || holder.isTold) return;
      const isTold = await this.#tell(holder, now);
      if (!isTold) await this.locks.withdraw(holder);
      // Of a lock with several holders another place may be free: the next request says how many there are.
      else if (holder.limit === undefined) return;
    }
    throw new LockUnservedError(lock, PASSED_OVER_MAX);
  }

  /** @returns false when the run is over and needs no lock */
  async #tell(holder: LockHolder, at: number): Promise<boolean> {
    const { activity } = holder;
    const put = await this.activities.signal(activity, this.grantOf(holder, at));
    if (put === 'final' || put === 'not-found') return false;
    const now = this.clock();
    await this.locks.markTold(holder, now, now + LOOK_MS);
    this.noticed(activity);
    return true;
  }

  /** The activity has something in its inbox. */
  protected noticed(activity: string): void {
    this.#onGranted(activity);
  }
}

function lookAfter(holder: LockHolder, now: number): number {
  return holder.isTold ? nextLook(holder, now + LOOK_MS) : now + LOOK_SOON_MS;
}

function lockGranted({ lock, task, attempt }: LockHolder, at: number): Signal {
  return { id: `lock:${lock}:${task}:${attempt}`, kind: 'lock-granted', at, task, attempt, lock };
}
