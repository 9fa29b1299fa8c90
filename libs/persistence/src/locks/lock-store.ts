import { toJsonText } from '@app/json';

/** The identity of a request for a lock: a repeat with the same four values is the same request. */
export interface LockAsker {
  readonly lock: string;
  /** The activity's id. */
  readonly activity: string;
  readonly task: string;
  readonly attempt: number;
}

export interface LockRequest extends LockAsker {
  /** When the lock was asked for, in milliseconds since 1970. The earliest request is granted first. */
  readonly askedAt: number;
  /** How long the lock is held at most, in milliseconds; then it is granted to the next. Absent for no limit. */
  readonly leaseMs?: number | undefined;
  /** The most holders there may be when this request is granted; 1 when absent, and in a store of locks. */
  readonly limit?: number | undefined;
  /** The shortest time from this grant to the next of the same slot, in milliseconds (see `keepBack`). */
  readonly throttleMs?: number | undefined;
  /** The request is not granted before this time, in milliseconds since 1970; absent for at once. */
  readonly notBefore?: number | undefined;
  /** Set when the request will never be granted. */
  readonly rejection?: LockRejection | undefined;
}

/** Why a request for a slot is rejected: the code and message of its run's failure. */
export interface LockRejection {
  readonly code: string;
  readonly reason: string;
}

export interface LockHolder extends LockRequest {
  /** When the lease begins: when the activity got its signal; before that, when the lock was granted. */
  readonly grantedAt: number;
  /** Whether the activity has the signal `lock-granted`. */
  readonly isSignalled: boolean;
}

/**
 * Locks, and the queues of runs that wait for them. A lock has one holder at most; a slot has as many as the `limit`
 * of the request that was granted last. No counter is stored: each holder is a document of its own (of a slot, with
 * the number of its seat), so nothing can drift.
 */
export abstract class LockStore {
  /**
   * Adds a request to the queue. A repeat of the same request changes nothing.
   * @param lookAt when the request becomes due (see `due`), in milliseconds since 1970
   */
  abstract ask(request: LockRequest, lookAt: number): Promise<void>;

  /** Removes a request, whether it holds the lock or waits for it. Other requests stay. */
  abstract withdraw(asker: LockAsker): Promise<void>;

  /**
   * Grants a free lock, or a free slot, to the request that has waited longest. Grants nothing while a holder has
   * not been signalled yet (`isSignalled` is false).
   * @returns the holder that has to be signalled; if there is none, any holder; undefined when nobody holds it
   */
  abstract grant(lock: string, now: number, lookAt: number): Promise<LockHolder | undefined>;

  /** Who holds the lock, if anybody does. */
  abstract holderOf(lock: string): Promise<LockHolder | undefined>;

  /**
   * Notes that the activity of a holder has the signal. Its lease begins at `now`, and it is due at the end of the
   * lease, at the latest at `lookAt`. Changes nothing if that was noted before.
   */
  abstract markSignalled(holder: LockRequest, now: number, lookAt: number): Promise<void>;

  /** A page of the holders and waiting requests, newest first; of waiting ones alone if `waiting`. Without rejected ones. */
  abstract newest(
    lock: string,
    page: { readonly skip: number; readonly limit: number; readonly waiting: boolean },
  ): Promise<readonly (LockHolder | LockRequest)[]>;

  /**
   * Marks a waiting request as never to be granted, and as due at `lookAt`. Changes nothing if it is a holder by
   * now, or is gone.
   * @returns whether the request is rejected, by this call or an earlier one
   */
  abstract reject(asker: LockAsker, rejection: LockRejection, lookAt: number): Promise<boolean>;

  /** The number of waiting requests before this one, `max` at most. Rejected requests count until removed. */
  abstract countWaitingBefore(request: LockRequest, max: number): Promise<number>;

  /**
   * Gives a slot back, but keeps it from others until `keptMs` milliseconds after it was granted. The holder stays
   * until then, with a lease that ends at that time. A waiting request is removed.
   */
  abstract keepBack(asker: LockAsker, keptMs: number, now: number): Promise<void>;

  /** The holders and waiting requests whose `lookAt` has passed, the longest due first. */
  abstract due(now: number, limit: number): Promise<readonly (LockHolder | LockRequest)[]>;

  /** Sets when one that was due is due again. Changes nothing if it was granted or lost the lock since it was read. */
  abstract lookAgain(found: LockHolder | LockRequest, lookAt: number): Promise<void>;

  /**
   * Postpones all requests that wait for a lock and are due within `msMin` milliseconds. Each is due again after as
   * long as it has waited, at least `msMin` and at most `msMax` milliseconds. Rejected requests, and those
   * with a later `notBefore`, stay as they are.
   */
  abstract lookAgainAtQueue(
    lock: string,
    now: number,
    pause: { readonly msMin: number; readonly msMax: number },
  ): Promise<void>;
}

export function isHolder(request: LockHolder | LockRequest): request is LockHolder {
  return 'grantedAt' in request;
}

/** When a holder is due: at `lookAt`, or at the end of its lease if that is earlier. */
export function nextLook({ grantedAt, leaseMs }: LockHolder, lookAt: number): number {
  return Math.min(lookAt, leaseMs === undefined ? Infinity : grantedAt + leaseMs);
}

export function isLeaseOver({ grantedAt, leaseMs }: LockHolder, now: number): boolean {
  return leaseMs !== undefined && grantedAt + leaseMs <= now;
}

/** The id of a request, unique among all locks. */
export function idOfAsker({ lock, activity, task, attempt }: LockAsker): string {
  return toJsonText([lock, activity, task, attempt]);
}

/** The port for slots: locks that several runs may hold at once. A class of its own, to be its own injection token. */
export abstract class SlotStore extends LockStore {}
