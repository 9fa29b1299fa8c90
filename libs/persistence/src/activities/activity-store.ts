import { type ActivityStatus, type Failure, type Signal } from '@app/workflow-engine';
import {
  type Activity,
  type ActivityCommit,
  type NewActivity,
  type RecordOutcome,
} from './activity.js';
import { type RunEnd } from './run-ends.js';

export interface ActivityQuery {
  readonly workflowId?: string;
  readonly status?: ActivityStatus;
  /** true: only rejected requests; false: none of them; absent: whatever it is. */
  readonly refused?: boolean;
  /** 1 to 100. */
  readonly limit: number;
  /** What an earlier page gave as `nextCursor`. */
  readonly cursor?: string;
}

/**
 * As a list shows it: without its event, and without the results of tasks and workflow, which may
 * be megabytes each. The payloads of its outbox are null.
 */
export type ListedActivity = Omit<Activity, 'event'>;

export interface ActivityPage {
  /** Newest first; of a status that is not final, what is due first. */
  readonly activities: readonly ListedActivity[];
  /**
   * Absent on the last page. A page may be short, even empty, and have one: no more is read for a
   * page than a bound, whatever it has to leave out.
   */
  readonly nextCursor?: string;
}

/** What a run has begun, as little of each as tells what became of it. */
export type ChildActivity = Pick<
  Activity,
  'id' | 'workflowId' | 'status' | 'createdAt' | 'parent'
> & { readonly endedAt?: number };

export interface ChildrenPage {
  /** Oldest first. */
  readonly children: readonly ChildActivity[];
  readonly nextCursor?: string;
}

export interface DueClaim {
  readonly now: number;
  readonly limit: number;
  /**
   * Bytes of all that are taken, about, as they are stored; but one is taken, however large. Absent for
   * no bound.
   */
  readonly bytesMax?: number;
  /**
   * So many of those that are due for the longest are left to others, so that many who look at the
   * same time do not all find the same ones; none if nothing else is due. Absent for none.
   */
  readonly skip?: number;
  readonly leaseMs: number;
  readonly owner: string;
  /**
   * What the caller has (`BUILD_FEATURES`): what requires anything else is left to others. Absent for
   * no more than every release has.
   */
  readonly features?: readonly string[];
  /** How long the takeover of this number in a row has to wait, in milliseconds; 0 for not at all. */
  readonly takeoverDelayMs?: (takeover: number) => number;
  /** What to take over instead of what is due. Absent for what is due. */
  readonly early?: EarlyClaim;
}

/**
 * `untouched`: nobody has written it since it was recorded, and it is due within `withinMs`: whoever
 * was to tell of it may be gone. What begins later (`notBefore`) is none of them. `own-leases`: `owner` has them, besides those in `exceptIds`: claims
 * whose answer was lost, which count as no takeover.
 */
export type EarlyClaim =
  | { readonly kind: 'untouched'; readonly withinMs: number }
  | { readonly kind: 'own-leases'; readonly exceptIds: readonly string[] };

/** By what activities that are not final are counted. */
export type Backlogged = ActivityStatus | 'slot';

export interface Leaving {
  readonly id: string;
  /** As it was read, or told of: whoever has written since knows better. */
  readonly lockVersion: number;
  /** What the caller lacks is in it, the rarest first. */
  readonly requires: readonly string[];
  readonly stateVersion?: number | undefined;
  readonly wakeAt: number;
  readonly owner: string;
}

export type SignalOutcome = 'appended' | 'duplicate' | 'final' | 'not-found' | 'not-waiting';

export interface LeaseRelease {
  readonly ids: readonly string[];
  readonly owner: string;
  readonly wakeAt: number;
}

/**
 * The truth about every activity (docs/design.md#mongodb). Each write is atomic, majority-acknowledged
 * and journaled when its promise resolves; `record` and `commit` share their writes with whoever
 * calls at the same moment.
 *
 * Every method rejects with `StoreUnavailableError` (transient) when MongoDB does not answer in
 * time; the write may then have happened or not.
 */
export abstract class ActivityStore {
  /**
   * Inserts, or tells what is there already under the same id.
   * @throws ActivityTooLargeError when the event takes more than `EVENT_BYTES_MAX`
   * @throws StoreOverloadedError when too much waits to be written
   */
  abstract record(activity: NewActivity): Promise<RecordOutcome>;

  /**
   * Puts an event that was accepted first in the place of other content under its id, if that was
   * accepted later (`createdAt`) and nobody has begun it, has its lease or has sent it a signal. All
   * that is on record is then `activity`, at the next lock version, so whoever was about to begin the
   * other comes too late; the count of conflicts stays. `kept`: what is on record stays.
   */
  abstract recordEarlier(activity: NewActivity): Promise<'replaced' | 'kept'>;

  /**
   * Replaces state, status, wake-up and lease, takes `commit.signals` out of the inbox, and changes the
   * outbox by `commit.outbox`, if the
   * stored lock version is still `commit.lockVersion`. A signal counts the lock version up, so an activity can't
   * end, or move on, past one that its writer has not read.
   * `stale` when it is not, when there is no such activity, and when in doubt: look again then.
   * @throws ActivityTooLargeError when the state takes more than `STATE_BYTES_MAX`
   * @throws StoreOverloadedError when too much waits to be written
   */
  abstract commit(commit: ActivityCommit): Promise<'committed' | 'stale'>;

  abstract get(id: string): Promise<Activity | undefined>;

  /** Reads nothing else, so it also answers of an activity that can't be read whole. */
  abstract statusOf(id: string): Promise<ActivityStatus | undefined>;

  /**
   * What became of those of these runs that are on record, in any order, as a majority of MongoDB has it: what is
   * there stays there. Results that take more than `resultsBytesMax` are not read.
   */
  abstract endsOf(ids: readonly string[], resultsBytesMax: number): Promise<readonly RunEnd[]>;

  /**
   * Inserts a run that is refused: over from the start, with that failure. Whoever comes later with its id finds it
   * there, and whoever finds another there has lost.
   */
  abstract recordRefused(activity: NewActivity, failure: Failure): Promise<'recorded' | 'there'>;

  /** @throws CursorInvalidError */
  abstract list(query: ActivityQuery): Promise<ActivityPage>;

  /**
   * What tasks of the run have begun; `limit` 1 to 100.
   * @throws CursorInvalidError
   */
  abstract children(
    parent: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<ChildrenPage>;

  /**
   * Counts one more run behind this one, on its record and past its lock version, which stays; `full` when
   * there are `countMax`. What is not answered may have been counted.
   */
  abstract countDescendant(
    root: string,
    countMax: number,
  ): Promise<'counted' | 'full' | 'not-found'>;

  /**
   * Puts a signal into the inbox, unless one with its id is there, and makes the activity due now,
   * unless somebody has its lease: who has it sees the signal when the next write comes too late. What begins
   * later becomes due by a `cancel` alone.
   * `not-waiting`: nothing in it waits for what the signal names (`EventSignal.wait`), or an event for that is
   * in the inbox already.
   * @throws ActivityInboxFullError when too many signals wait there
   */
  abstract signal(id: string, signal: Signal): Promise<SignalOutcome>;

  /**
   * The activities of a workflow in which a task waits for an event by this key (`waitKeyOf`), by id, and that
   * were not sent one for it yet (`EventSignal.wait`).
   */
  abstract waitingFor(
    workflowId: string,
    waitKey: string,
    limit: number,
  ): Promise<readonly string[]>;

  /** Those among these activities that have a signal in the inbox. */
  abstract withSignals(ids: readonly string[]): Promise<readonly string[]>;

  /**
   * Takes over activities that are due (`wakeAt <= now`), oldest first, by giving each a lease of
   * `leaseMs` under `owner`. Two callers never get the same one; among many, a caller may get fewer
   * than are due. A lease that ran out is counted in `takeovers`, unless MongoDB was away meanwhile;
   * one that has to wait before it is taken up again stays behind, due later and without a lease. On record a lease
   * may last longer than `wakeAt` says, where the clock of the store is ahead of `now`.
   */
  abstract claimDue(claim: DueClaim): Promise<readonly Activity[]>;

  /** Gives up the leases that `owner` has on these activities: each is due at `wakeAt`. */
  abstract release(release: LeaseRelease): Promise<void>;

  /**
   * Notes what an activity requires, for builds that have it: it is due at `wakeAt`, with nobody's
   * lease. Nothing happens if it has another lock version, is final or is leased by another than `owner`.
   */
  abstract leave(leaving: Leaving): Promise<void>;

  /**
   * How many that are not final, or have still something to deliver, require what is not in `features`,
   * counted no further than `countMax`.
   */
  abstract lacking(features: readonly string[], countMax: number): Promise<number>;

  /** When that which is due for the longest at `now` became due; undefined when nothing is. */
  abstract dueSince(now: number): Promise<number | undefined>;

  /**
   * How many are not final, by status; of what is to begin later, what is due; as `slot` those that are queued and
   * wait for a slot, which are not counted as `queued`.
   */
  abstract backlog(query: BacklogQuery): Promise<Readonly<Record<string, number>>>;
}

export interface BacklogQuery {
  /** Counted no further, each. */
  readonly countMax: number;
  readonly now: number;
  /** Absent for all that are not final. */
  readonly statuses?: readonly Backlogged[];
}
