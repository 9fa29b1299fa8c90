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
  /** The `nextCursor` of an earlier page. */
  readonly cursor?: string;
}

/**
 * An activity as a list shows it: without its event, and without the results of tasks and workflow, which may be
 * megabytes each. The payloads of its outbox are null.
 */
export type ListedActivity = Omit<Activity, 'event'>;

export interface ActivityPage {
  /** Newest first; open activities by when they are due, soonest first. */
  readonly activities: readonly ListedActivity[];
  /**
   * Absent on the last page. A page may be short, even empty, and have one, because the records read for a page are
   * bounded.
   */
  readonly nextCursor?: string;
}

/** The outcome of a run that a task of another run began. */
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
   * Bytes of all activities that are claimed, about, as they are stored; one is claimed however large it is. Absent
   * for no bound.
   */
  readonly bytesMax?: number;
  /**
   * This many of the most overdue activities are left to other sweepers, so that many of them do not find the same
   * ones; none is left if nothing else is due. Absent for none.
   */
  readonly skip?: number;
  /**
   * Makes this one of several claims, one after the other and with the same signal, that together find each activity
   * once: the first begins with the most overdue, and each other one behind what the one before found. They keep the
   * `now` and the batches of the first. What becomes due for longer than what they have come to is found by another
   * walk, so a walk must not last. It ends when the signal aborts. Absent for a claim of its own.
   */
  readonly walk?: AbortSignal;
  readonly leaseMs: number;
  readonly owner: string;
  /**
   * The features of the caller (`BUILD_FEATURES`): activities that require another one are left to others. Absent for
   * those of every release.
   */
  readonly features?: readonly string[];
  /**
   * Which of the activities without a lease and without takeovers are given as they are found, without a claim: the
   * commits of their callers, on the condition of the lock version, decide who gets on with one. Absent for none.
   */
  readonly unclaimed?: (due: Pick<Activity, 'id' | 'lockVersion'>) => boolean;
  /** How long the takeover of this number in a row has to wait, in milliseconds; 0 for not at all. */
  readonly takeoverDelayMs?: (takeover: number) => number;
  /** Called with the number of activities found that another caller wrote to first. */
  readonly onLost?: (count: number) => void;
  /** Claims these instead of what is due. Absent for what is due. */
  readonly early?: EarlyClaim;
}

/**
 * `untouched`: activities that no executor has written to since they were recorded, and that are due within
 * `withinMs`: their dispatch may be lost. Those with a later start (`notBefore`) are left out. `own-leases`: leases
 * of `owner` that end within two `leaseMs`, except those in `exceptIds`: nobody uses them, and they count as no takeover.
 */
export type EarlyClaim =
  | { readonly kind: 'untouched'; readonly withinMs: number }
  | { readonly kind: 'own-leases'; readonly exceptIds: readonly string[] };

/** The counts of the activities that are not final. */
export type Backlogged = ActivityStatus | 'slot';

export interface UnsupportedRun {
  readonly id: string;
  /** As the caller read it; a record that was written since stays as it is. */
  readonly lockVersion: number;
  /** The required features that the caller lacks, the rarest first. */
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

/** A run whose driver stops, because it waits only for results of effects that its outbox has delivered. */
export interface DeliveredRun {
  readonly id: string;
  /** The lock version of its owner's last write. A later writer has handled the rest. */
  readonly lockVersion: number;
  /** Ids of the entries of the outbox that are delivered. */
  readonly delivered: readonly string[];
  /** When a sweeper must look at it, if no signal comes before. */
  readonly wakeAt: number;
}

/**
 * The truth about every activity (docs/design.md#mongodb). Each write is atomic, majority-acknowledged
 * and journaled when its promise resolves; concurrent calls of `record`, and of `commit`, share a
 * write.
 *
 * Every method rejects with `StoreUnavailableError` (transient) when MongoDB does not answer in
 * time; the write may then have happened or not.
 */
export abstract class ActivityStore {
  /**
   * Inserts a new activity, or returns the one with the same id.
   * @throws ActivityTooLargeError when the event takes more than `EVENT_BYTES_MAX`
   * @throws StoreOverloadedError when too many writes wait
   */
  abstract record(activity: NewActivity): Promise<RecordOutcome>;

  /**
   * Replaces other content under the id of an event that was accepted first: only if the recorded one was accepted
   * later (`createdAt`), has not begun, has no lease and no signal. The record is then `activity`, at the next lock
   * version, so an executor that is about to begin the other content fails to commit; the count of conflicts stays.
   * `kept`: the record stays as it is.
   */
  abstract recordEarlier(activity: NewActivity): Promise<'replaced' | 'kept'>;

  /**
   * Replaces state, status, wake-up and lease, removes `commit.signals` from the inbox, and changes the outbox by
   * `commit.outbox`, if the stored lock version is still `commit.lockVersion`. A signal raises the lock version, so
   * an activity can't end or move on past a signal that the writer has not read. `stale` when the lock version
   * differs, when the activity does not exist, and when in doubt: the caller reads it again.
   * @throws ActivityTooLargeError when the state takes more than `STATE_BYTES_MAX`
   * @throws StoreOverloadedError when too many writes wait
   */
  abstract commit(commit: ActivityCommit): Promise<'committed' | 'stale'>;

  abstract get(id: string): Promise<Activity | undefined>;

  /**
   * For a caller that has the event of the run already: the event may be most of the record, and does not change once
   * the run has begun.
   */
  abstract getWithoutEvent(id: string): Promise<Activity | undefined>;

  /** Reads the status alone, so it also works for an activity whose results are lost. */
  abstract statusOf(id: string): Promise<ActivityStatus | undefined>;

  /** The id of its workflow: a few bytes are read, however large the activity is. */
  abstract workflowOf(id: string): Promise<string | undefined>;

  /**
   * The outcomes of those of these runs that are on record, in any order, read with majority concern: they can't be
   * rolled back. Results that take more than `resultsBytesMax` are not read.
   */
  abstract endsOf(ids: readonly string[], resultsBytesMax: number): Promise<readonly RunEnd[]>;

  /**
   * Inserts a refused run: failed from the start. A later insert under its id finds it there; an insert that finds
   * another record loses.
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
   * Counts one more descendant on the record of a run, without a change of its lock version; `full` when there are
   * `countMax`. If the answer is lost, it may have been counted.
   */
  abstract countDescendant(
    root: string,
    countMax: number,
  ): Promise<'counted' | 'full' | 'not-found'>;

  /**
   * Puts a signal into the inbox, unless one with its id is there or is among those that the run has taken last
   * (`ActivityState.taken`), and makes the activity due now, unless an executor has its lease: that one sees the signal
   * when its next write fails. An activity with a later start becomes due by a `cancel` alone, and stays due, whatever
   * comes after it. `not-waiting`: no task waits for what the signal names (`EventSignal.wait`), or the inbox has an
   * event for that wait already.
   * @throws ActivityInboxFullError when too many signals wait there
   */
  abstract signal(id: string, signal: Signal): Promise<SignalOutcome>;

  /**
   * The ids of the activities of a workflow in which a task waits for an event with this key (`waitKeyOf`), and that
   * have not been sent an event for that wait (`EventSignal.wait`).
   */
  abstract waitingFor(
    workflowId: string,
    waitKey: string,
    limit: number,
  ): Promise<readonly string[]>;

  /** Those among these activities that have a signal in the inbox. */
  abstract withSignals(ids: readonly string[]): Promise<readonly string[]>;

  /**
   * Claims activities that are due (`wakeAt <= now`), the most overdue first, by giving each a lease of `leaseMs`
   * under `owner`. Two callers never get the same one; a caller may get fewer than are due. What is taken `unclaimed`
   * is not written to, has no `leaseOwner`, and may be given to several callers. A lease that ran out is
   * counted in `takeovers`, unless MongoDB was away meanwhile. An activity whose next takeover has to wait is not
   * returned: it becomes due later, without a lease. On record a lease may last longer than `wakeAt` says, where the
   * clock of the store is ahead of `now`.
   */
  abstract claimDue(claim: DueClaim): Promise<readonly Activity[]>;

  /** Gives up the leases that `owner` has on these activities: each is due at `wakeAt`. */
  abstract release(release: LeaseRelease): Promise<void>;

  /**
   * Removes delivered entries from the outboxes of these runs, and the leases of the runs. A run with another lock
   * version is left unchanged.
   * @returns `all` when every run had its lock version
   */
  abstract releaseDelivered(runs: readonly DeliveredRun[]): Promise<'all' | 'some'>;

  /**
   * Records what an activity requires, for builds that have it: it becomes due at `wakeAt`, without a lease. Nothing
   * changes if its lock version differs, it is final, or another owner has its lease.
   */
  abstract leaveToOtherBuilds(leaving: UnsupportedRun): Promise<void>;

  /**
   * How many activities that are not final, or have entries to deliver, require what is not in `features`; counted up
   * to `countMax`.
   */
  abstract countUnsupported(features: readonly string[], countMax: number): Promise<number>;

  /** When the most overdue activity became due; undefined when none is due at `now`. */
  abstract dueSince(now: number): Promise<number | undefined>;

  /**
   * How many are not final, by status; of those with a later start, the ones that are due. Queued runs that wait for
   * a slot are counted as `slot` and not as `queued`.
   */
  abstract backlog(query: BacklogQuery): Promise<Readonly<Record<string, number>>>;
}

export interface BacklogQuery {
  /** Each is counted up to this. */
  readonly countMax: number;
  readonly now: number;
  /** Absent for all that are not final. */
  readonly statuses?: readonly Backlogged[];
}
