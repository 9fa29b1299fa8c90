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
}

export interface LockHolder extends LockRequest {
  readonly grantedAt: number;
  /** Whether the activity has the signal. */
  readonly isTold: boolean;
}

/** Locks that runs have and wait for. No two ever have the same one. */
export abstract class LockStore {
  /** Puts a request at the end of the queue; the same one again changes nothing. */
  abstract ask(request: LockRequest): Promise<void>;

  /** Takes a request away, whether it has the lock or waits for it. Others' are not touched. */
  abstract withdraw(asker: LockAsker): Promise<void>;

  /**
   * Gives a lock that nobody has to whoever has waited longest.
   * @returns who has it then, if anybody
   */
  abstract grant(lock: string, now: number, lookAt: number): Promise<LockHolder | undefined>;

  /** The activity of a holder has been told. */
  abstract markTold(holder: LockAsker): Promise<void>;

  /** Holders whose `lookAt` has come, or whose lease is over; the longest first. */
  abstract due(now: number, limit: number): Promise<readonly LockHolder[]>;

  /** When to look at a holder again. */
  abstract lookAgain(holder: LockAsker, lookAt: number): Promise<void>;
}

/** When a lock that is given away now has to be looked at: never after its lease. */
export function firstLook({ leaseMs }: LockRequest, now: number, lookAt: number): number {
  return Math.min(lookAt, leaseMs === undefined ? Infinity : now + leaseMs);
}

export function isLeaseOver({ grantedAt, leaseMs }: LockHolder, now: number): boolean {
  return leaseMs !== undefined && grantedAt + leaseMs <= now;
}

/** Of one request among all. */
export function idOfAsker({ lock, activity, task, attempt }: LockAsker): string {
  return toJsonText([lock, activity, task, attempt]);
}
