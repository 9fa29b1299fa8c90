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
 * rejected (`failed` at once). All instants are milliseconds since 1970.
 */
export interface Activity {
  /** `activityIdOf(workflowId, source, id)`; for a rejected request, see `RejectedRequestStore`. */
  readonly id: string;
  readonly workflowId: string;
  /** The version of the workflow that it is pinned to; 0 on a rejected request. */
  readonly workflowRevision: number;
  /** The features that a build needs to run it, at this lock version. Absent for none. */
  readonly requires?: readonly string[] | undefined;
  /** The version of `state`, by the engine that wrote it; absent for the first. */
  readonly stateVersion?: number;
  readonly trigger: TriggerKind;
  readonly status: ActivityStatus;
  /** The optimistic lock: every write raises it, except counts of conflicts and descendants. */
  readonly lockVersion: number;
  readonly createdAt: number;
  /** Absent on a rejected request, which keeps no payload. */
  readonly event?: CloudEvent;
  /** The request of the webhook that started it. */
  readonly request?: WebhookRequest | undefined;
  /** The run whose task began it; absent for none. */
  readonly parent?: ActivityParent | undefined;
  /** The run that it is a retry of; absent for none. */
  readonly retryOf?: ActivityRetryOf | undefined;
  /** Absent until an executor has begun it. */
  readonly state?: ActivityState;
  readonly failure?: Failure;
  /** Signals that no driver has taken yet, in the order they came. */
  readonly inbox: readonly Signal[];
  /** Entries that are not delivered yet, in the order they were made; absent for none. */
  readonly outbox?: readonly OutboxEntry[];
  /** Entries that were refused for good; absent for none. */
  readonly undelivered?: readonly UndeliveredEntry[];
  /** Its earliest start, in milliseconds since 1970; absent for at once. */
  readonly notBefore?: number | undefined;
  /** When a sweeper must look at it; absent once it is final and its outbox is empty. */
  readonly wakeAt?: number;
  /** The executor that drives it: the wake-up is then the end of the lease. */
  readonly leaseOwner?: string;
  /**
   * How many leases in a row ran out without progress: the executor died or broke off, and another one took over.
   * Absent for none.
   */
  readonly takeovers?: number;
  /** How often the same id came again with other content. */
  readonly conflicts?: number;
  readonly refusal?: RejectedRequestFacts;
}

/** The origin of a run that a task of another run began. */
export interface ActivityParent {
  /** The id of that run. */
  readonly activity: string;
  readonly task: string;
  readonly attempt: number;
  /** The index of its item, where the task begins many runs. */
  readonly index?: number;
  /** 1 for a run that was begun by a run without a parent, one more for each level below. */
  readonly generation: number;
  /** The run at the root of the tree, which no task began; absent where that is `activity`. */
  readonly root?: string;
  /** Whether the task waits for its end. */
  readonly waits: boolean;
}

/** The options of a retry, and the run that it is of. */
export interface ActivityRetryOf {
  /** The id of that run. */
  readonly activity: string;
  /** The first run, which an event or a task began. */
  readonly first: string;
  /** 2 for the first retry. */
  readonly attempt: number;
  /** `failed`: tasks that succeeded there, and whose definitions and inputs are unchanged, are not run again. */
  readonly from: 'failed' | 'start';
  /** The revision that it runs: that of the run before, or the newest at that moment. */
  readonly revision: 'pinned' | 'latest';
  /** The run whose id is in the idempotency keys of its calls; absent for its own. */
  readonly keysOf?: string;
  /** Who asked for the retry, and why. */
  readonly by: string;
  readonly reason: string;
}

/**
 * The activity whose id is in the idempotency keys of a run: a retry from failed tasks keeps the keys of the run
 * before.
 */
export function keysOf({ id, retryOf }: Pick<NewActivity, 'id' | 'retryOf'>): string {
  return retryOf?.keysOf ?? id;
}

/** An outbox entry that was refused for good, without its payload. */
export interface UndeliveredEntry extends Pick<OutboxEntry, 'id' | 'kind' | 'key'> {
  readonly code: string;
  readonly message: string;
  /** When it was refused, in milliseconds since 1970. */
  readonly at: number;
}

/** Refused entries that an activity keeps: the first so many. */
export const UNDELIVERED_MAX = 20;

/** The change of an outbox in one commit. */
export interface OutboxChange {
  /** Appended in this order. */
  readonly posted?: readonly OutboxEntry[];
  /** The ids of the entries that are removed. */
  readonly gone?: readonly string[];
  /** Those of them that were refused for good; no more than `UNDELIVERED_MAX` stay on record. */
  readonly undelivered?: readonly UndeliveredEntry[];
}

/** The facts of a rejected request that are kept; never its payload. */
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
  /** Its earliest start; `requires` then has `START_LATER` as its first entry. Absent for at once. */
  readonly notBefore?: number | undefined;
  readonly retryOf?: ActivityRetryOf | undefined;
  /** The month in which it counts against the quota of its workflow (`RunQuotas`). */
  readonly quotaMonth?: number | undefined;
  readonly wakeAt: number;
}

/**
 * An activity that an event began. Its message says all that its run needs. Of any other the run has to be made of the
 * record: of a retry it needs the earlier run, and of what begins later whether its time has come.
 */
export interface DispatchedActivity extends NewActivity {
  readonly parent?: undefined;
  readonly notBefore?: undefined;
  readonly retryOf?: undefined;
}

/** The write of a driver: the new state, on the condition that the lock version is still `lockVersion`. */
export interface ActivityCommit {
  readonly id: string;
  /** The lock version the state was computed from; the stored one is one later. */
  readonly lockVersion: number;
  readonly state: ActivityState;
  /**
   * The state at that lock version, as it was read or committed: objects that are identical in both are not written
   * again. Absent when the caller does not have it.
   */
  readonly before?: ActivityState | undefined;
  /** The version of the state, unless the stored form needs a later one; absent for the first. */
  readonly stateVersion?: number;
  /**
   * The ids of the signals that the state has taken; they are removed from the inbox. All of them were in it at that
   * lock version. Absent for none.
   */
  readonly signals?: readonly string[];
  /** Absent for no change. */
  readonly outbox?: OutboxChange;
  /**
   * Replaces the features that a build needs: of an activity that has ended, those that the rest of its outbox needs.
   * Absent for no change.
   */
  readonly requires?: readonly string[];
  /** Absent when the activity is final and its outbox empty. */
  readonly wakeAt?: number;
  readonly leaseOwner?: string;
  /**
   * The length of a lease, in milliseconds. The lease lasts at least this long from the write by MongoDB's clock,
   * even if the clock behind `wakeAt` was slow.
   */
  readonly leaseMs?: number;
  /** 0 when the activity made progress after takeovers; absent leaves the count as it is. */
  readonly takeovers?: number;
}

export type RecordOutcome =
  | { readonly kind: 'recorded' }
  /**
   * The same event was recorded before; this is its record. `isUntouched`: no executor has written to it since, so
   * perhaps none knows of it.
   */
  | { readonly kind: 'duplicate'; readonly first: CloudEvent; readonly isUntouched: boolean }
  /** The same id with other type, subject or data; counted on the record if MongoDB could. */
  | { readonly kind: 'conflict' };
