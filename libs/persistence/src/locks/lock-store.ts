import { toJsonText } from '@app/json';

/** Who asks for a lock, and is one request however often it comes. */
export interface LockAsker {
  readonly lock: string;
  /** The activity's id. */
  readonly activity: string;
  readonly task: string;
  readonly attempt: number;
}

export interface LockRequest extends LockAsker {
  /** Whoever asked first has it first; milliseconds since 1970. */
  readonly askedAt: number;
  /** After so long, in milliseconds, others may have it. */
  readonly leaseMs?: number | undefined;
  /** How many may have it when this one gets it; 1 when absent, and in a store of locks. */
  readonly limit?: number | undefined;
  /** It is not given again before so long has passed since it was, in milliseconds: see `keepBack`. */
  readonly throttleMs?: number | undefined;
  /** Nobody gives it before this, in milliseconds since 1970; absent for at once. */
  readonly notBefore?: number | undefined;
  /** Set when it will never have it. */
  readonly turnedAway?: TurnedAway | undefined;
}

/** Why a run that waits does not get a slot, as its failure says it. */
export interface TurnedAway {
  readonly code: string;
  readonly reason: string;
}

export interface LockHolder extends LockRequest {
  /** From when its lease counts: when the activity was told, and until then when the lock was given. */
  readonly grantedAt: number;
  /** Whether the activity has the signal. */
  readonly isTold: boolean;
}

/**
 * Locks that runs have and wait for. No two ever have the same one; in a store of slots, no more than the `limit` of
 * the last one who got it. Nothing is counted on record: whoever has one is on record, with a number of its own.
 */
export abstract class LockStore {
  /** Puts a request at the end of the queue, to be looked at then; the same one again changes nothing. */
  abstract ask(request: LockRequest, lookAt: number): Promise<void>;

  /** Takes a request away, whether it has the lock or waits for it. Others' are not touched. */
  abstract withdraw(asker: LockAsker): Promise<void>;

  /**
   * Gives a lock that nobody has (of slots: one that is free) to whoever has waited longest, unless one who has it
   * is still to be told.
   * @returns who has it then and is to be told; else one who has it, if anybody
   */
  abstract grant(lock: string, now: number, lookAt: number): Promise<LockHolder | undefined>;

  /**
   * The activity of a holder has been told: its lease counts from `now`, and it is looked at when that
   * is over, at the latest at `lookAt`. Of one that had been told before nothing changes.
   */
  abstract markTold(holder: LockRequest, now: number, lookAt: number): Promise<void>;

  /**
   * Those who have it and those who wait for it, the newest first, but for the first `skip`; those who wait alone
   * if `waiting`. Whoever is turned away is none of them.
   */
  abstract newest(
    lock: string,
    page: { readonly skip: number; readonly limit: number; readonly waiting: boolean },
  ): Promise<readonly (LockHolder | LockRequest)[]>;

  /**
   * From now on nobody gives it to this one, which is due at `lookAt`: unless it has it already, or is gone.
   * @returns whether it is turned away, now or before
   */
  abstract turnAway(asker: LockAsker, why: TurnedAway, lookAt: number): Promise<boolean>;

  /**
   * How many wait that asked before this one, counted to `max` at most: more is not told apart. Whoever is turned
   * away counts until it is gone.
   */
  abstract countWaitingBefore(request: LockRequest, max: number): Promise<number>;

  /** Nobody else has it before `until`, though this one gives it back now: then its lease is over. */
  abstract keepBack(asker: LockAsker, keptMs: number, now: number): Promise<void>;

  /** Holders and those who wait, whose `lookAt` has come; the longest first. */
  abstract due(now: number, limit: number): Promise<readonly (LockHolder | LockRequest)[]>;

  /** When to look again at one that was due. Nothing changes if it got the lock, or lost it, since. */
  abstract lookAgain(found: LockHolder | LockRequest, lookAt: number): Promise<void>;

  /**
   * The same for all at once that wait for it and would be looked at within `msMin`: each after as long as it has
   * waited, from `msMin` to `msMax` milliseconds. But not for those that are turned away, or whose time comes later.
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

/** When a holder that is there now has to be looked at: never after its lease. */
export function nextLook({ grantedAt, leaseMs }: LockHolder, lookAt: number): number {
  return Math.min(lookAt, leaseMs === undefined ? Infinity : grantedAt + leaseMs);
}

export function isLeaseOver({ grantedAt, leaseMs }: LockHolder, now: number): boolean {
  return leaseMs !== undefined && grantedAt + leaseMs <= now;
}

/** Of one request among all. */
export function idOfAsker({ lock, activity, task, attempt }: LockAsker): string {
  return toJsonText([lock, activity, task, attempt]);
}

/** The same of slots: what several runs may have at once. */
export abstract class SlotStore extends LockStore {}
