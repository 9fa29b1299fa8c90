import { type ActivityStore, isLeaseOver, type LockHolder, type LockStore } from '@app/persistence';
import { isFinal, type LockEntry } from '@app/workflow-engine';

/** The longest that nobody looks whether the run that has a lock is still there, in milliseconds. */
const LOOK_MS = 300_000;
const LOOKED_AT_MAX = 100;
/** Runs that ended while they waited, passed over in one go; what is beyond comes with the next. */
const PASSED_OVER_MAX = 1_000;

type Settings = Parameters<typeof setInterval>[1];

/**
 * Gives locks to runs, in the order they asked, and tells them. Every step may be done twice, also by two
 * executors: MongoDB has one holder at most, a request counts once, and a run takes the signal once.
 */
export class LockService {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #onGranted: (activity: string) => void = () => undefined;

  constructor(
    private readonly locks: LockStore,
    private readonly activities: ActivityStore,
    private readonly clock: () => number,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  /** Is told of each activity that has a lock now. */
  subscribe(onGranted: (activity: string) => void): void {
    this.#onGranted = onGranted;
  }

  async ask(
    activity: string,
    { lock, task, attempt, leaseMs }: LockEntry,
    askedAt: number,
  ): Promise<void> {
    const lease = typeof leaseMs === 'number' && { leaseMs };
    await this.locks.ask({ lock, activity, task, attempt, askedAt, ...lease });
    await this.#serve(lock);
  }

  async release(activity: string, { lock, task, attempt }: LockEntry): Promise<void> {
    await this.locks.withdraw({ lock, activity, task, attempt });
    await this.#serve(lock);
  }

  /** Leases end by time, and a run may have gone without a word. */
  start(intervalMs: Settings): void {
    this.#timer ??= setInterval(() => {
      this.#looking ??= this.look()
        .catch(this.onTrouble)
        .finally(() => (this.#looking = undefined));
    }, intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async look(): Promise<void> {
    const now = this.clock();
    for (const holder of await this.locks.due(now, LOOKED_AT_MAX)) {
      const mayKeep = !isLeaseOver(holder, now) && (await this.#isThere(holder));
      if (mayKeep) await this.locks.lookAgain(holder, nextLook(holder, now));
      else await this.locks.withdraw(holder);
      await this.#serve(holder.lock);
    }
  }

  /** Whoever is next has it, and knows. */
  async #serve(lock: string): Promise<void> {
    for (let passed = 0; passed < PASSED_OVER_MAX; passed += 1) {
      const now = this.clock();
      const holder = await this.locks.grant(lock, now, now + LOOK_MS);
      if (holder === undefined || holder.isTold) return;
      if (await this.#tell(holder, now)) return;
      await this.locks.withdraw(holder);
    }
  }

  /** @returns false when the run is over: then it needs no lock */
  async #tell(holder: LockHolder, at: number): Promise<boolean> {
    const { lock, activity, task, attempt } = holder;
    const id = `lock:${lock}:${task}:${attempt}`;
    const signal = { id, kind: 'lock-granted', at, task, attempt, lock } as const;
    const put = await this.activities.signal(activity, signal);
    if (put === 'final' || put === 'not-found') return false;
    await this.locks.markTold(holder);
    this.#onGranted(activity);
    return true;
  }

  async #isThere({ activity }: LockHolder): Promise<boolean> {
    const found = await this.activities.get(activity);
    return found !== undefined && !isFinal(found.status);
  }
}

function nextLook({ grantedAt, leaseMs = Infinity }: LockHolder, now: number): number {
  return Math.min(now + LOOK_MS, grantedAt + leaseMs);
}
