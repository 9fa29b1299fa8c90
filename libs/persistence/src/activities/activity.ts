import { type CloudEvent, type TriggerKind, type WebhookRequest } from '@app/events';
import {
  type ActivityState,
  type ActivityStatus,
  type Failure,
  type OutboxEntry,
  type Signal,
} from '@app/workflow-engine';

/**
 * The record of one attempt to run a workflow, from the moment the event is accepted (`queued`) or
 * refused (`failed` at once). All instants are milliseconds since 1970.
 */
export interface Activity {
  /** `activityIdOf(workflowId, source, id)`; for a rejected request, see `RejectedRequestStore`. */
  readonly id: string;
  readonly workflowId: string;
  /** The version of the workflow that it is pinned to; 0 on a rejected request. */
  readonly workflowRevision: number;
  /** What a build must have to run it: of its lock version. Absent for nothing. */
  readonly requires?: readonly string[] | undefined;
  /** Of the engine that wrote `state`; absent for the first. */
  readonly stateVersion?: number;
  readonly trigger: TriggerKind;
  readonly status: ActivityStatus;
  /** The optimistic lock: every write counts it up, except the count of conflicts. */
  readonly lockVersion: number;
  readonly createdAt: number;
  /** Absent on a rejected request, which keeps no payload. */
  readonly event?: CloudEvent;
  /** Of what a webhook started. */
  readonly request?: WebhookRequest | undefined;
  /** The run whose task began it; absent for none. */
  readonly parent?: ActivityParent | undefined;
  /** The run that an operator let begin anew as this one; absent for none. */
  readonly retryOf?: ActivityRetryOf | undefined;
  /** Absent until an executor has begun it. */
  readonly state?: ActivityState;
  readonly failure?: Failure;
  /** Signals that no driver has seen yet, in the order they came. */
  readonly inbox: readonly Signal[];
  /** What is not delivered yet, in the order it was made; absent for nothing. */
  readonly outbox?: readonly OutboxEntry[];
  /** What will not be delivered, because nobody ever takes it; absent for nothing. */
  readonly undelivered?: readonly UndeliveredEntry[];
  /** It begins no sooner; absent for at once. */
  readonly notBefore?: number | undefined;
  /** When a sweeper must look at it; absent once it is final and its outbox is empty. */
  readonly wakeAt?: number;
  /** Who is working on it: the wake-up is then the end of the lease. */
  readonly leaseOwner?: string;
  /**
   * How many leases in a row ran out without the activity moving on: whoever had it died or broke
   * off, and somebody else took over. Absent for none.
   */
  readonly takeovers?: number;
  /** How often the same id came again with other content. */
  readonly conflicts?: number;
  readonly refusal?: RejectedRequestFacts;
}

/** Where a run comes from that a task of another one began. */
export interface ActivityParent {
  /** The id of that run. */
  readonly activity: string;
  readonly task: string;
  readonly attempt: number;
  /** Of the item that it is for, where the task begins many. */
  readonly index?: number;
  /** 1 for what a run began that no task began, one more for each behind it. */
  readonly generation: number;
  /** The first of those runs, which no task began; absent where that is `activity`. */
  readonly root?: string;
  /** Whether that task is to be told of its end. */
  readonly waits: boolean;
}

/** What an operator wished when a run that had ended was to begin anew, and where it comes from. */
export interface ActivityRetryOf {
  /** The id of that run. */
  readonly activity: string;
  /** The first of them, which an event or a task began. */
  readonly first: string;
  /** 2 for the first retry. */
  readonly attempt: number;
  /** `failed`: what succeeded there, and nothing has changed of, is not done again. */
  readonly from: 'failed' | 'start';
  /** The revision that it runs: of the run before, or the newest at that moment. */
  readonly revision: 'pinned' | 'latest';
  /** The run that the idempotency keys of its calls are named after; absent for itself. */
  readonly keysOf?: string;
  /** Who let it begin, and why. */
  readonly by: string;
  readonly reason: string;
}

/** The activity that idempotency keys of a run are named after: what goes on from another run goes on with its keys. */
export function keysOf({ id, retryOf }: Pick<NewActivity, 'id' | 'retryOf'>): string {
  return retryOf?.keysOf ?? id;
}

/** An entry that was refused for good, without its payload. */
export interface UndeliveredEntry extends Pick<OutboxEntry, 'id' | 'kind' | 'key'> {
  readonly code: string;
  readonly message: string;
  /** When it was refused, in milliseconds since 1970. */
  readonly at: number;
}

/** Entries that were refused for good, which an activity shows: the first so many. */
export const UNDELIVERED_MAX = 20;

/** What a commit does to an outbox. */
export interface OutboxChange {
  /** They go behind what is there, in this order. */
  readonly posted?: readonly OutboxEntry[];
  /** The ids of those that leave it. */
  readonly gone?: readonly string[];
  /** Those of them that nobody ever takes; no more than `UNDELIVERED_MAX` stay on record. */
  readonly undelivered?: readonly UndeliveredEntry[];
}

/** What is kept of requests that were turned away; never their payload. */
export interface RejectedRequestFacts {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly eventId?: string;
  readonly source?: string;
  readonly remoteAddress?: string;
}

/** The lock version of an activity that is on record and was not written since. */
export const FIRST_LOCK_VERSION = 1;

export interface NewActivity {
  readonly id: string;
  readonly workflowId: string;
  readonly workflowRevision: number;
  readonly requires?: readonly string[] | undefined;
  readonly trigger: TriggerKind;
  readonly createdAt: number;
  readonly event: CloudEvent;
  readonly request?: WebhookRequest | undefined;
  readonly parent?: ActivityParent | undefined;
  /** It begins no sooner, and `requires` has `START_LATER` as the first; absent for at once. */
  readonly notBefore?: number | undefined;
  readonly retryOf?: ActivityRetryOf | undefined;
  /** The month that it counts in, where its workflow has a quota (`RunQuotas`). */
  readonly quotaMonth?: number | undefined;
  readonly wakeAt: number;
}

/** What a driver writes: the new state, on the condition that nobody wrote since `lockVersion`. */
export interface ActivityCommit {
  readonly id: string;
  /** The lock version the state was computed from; the stored one is one later. */
  readonly lockVersion: number;
  readonly state: ActivityState;
  /**
   * The state at that lock version, as it was read or committed: what is the same object in both is
   * not written again. Absent when it is not at hand.
   */
  readonly before?: ActivityState | undefined;
  /** Of the engine that made the state, if a store does not need more itself; absent for the first. */
  readonly stateVersion?: number;
  /**
   * The ids of the signals that the state has taken, all of them in the inbox at that lock version: these
   * leave it. Absent for none.
   */
  readonly signals?: readonly string[];
  /** Absent for no change. */
  readonly outbox?: OutboxChange;
  /**
   * Replaces what a build must have for it: of an activity that has ended, what the rest of its outbox
   * needs. Absent for no change.
   */
  readonly requires?: readonly string[];
  /** Absent when the activity is final and its outbox empty. */
  readonly wakeAt?: number;
  readonly leaseOwner?: string;
  /**
   * With a lease: its length in milliseconds. It then lasts at least this long from the moment of the
   * write by the store's own clock, however slow the one was that `wakeAt` was computed by.
   */
  readonly leaseMs?: number;
  /** 0 when the activity moved on after takeovers; absent leaves their count as it is. */
  readonly takeovers?: number;
}

export type RecordOutcome =
  | { readonly kind: 'recorded' }
  /**
   * The same event was recorded before: here it is as it came first. `isUntouched`: nobody has written to the
   * record since, so nobody may know of it.
   */
  | { readonly kind: 'duplicate'; readonly first: CloudEvent; readonly isUntouched: boolean }
  /** The same id with other type, subject or data; counted on the record if MongoDB could. */
  | { readonly kind: 'conflict' };
