import { WorkflowInactiveError, WorkflowRetiredError } from '@app/auth';
import { type CloudEvent, isSameEvent, retryActivityIdOf } from '@app/events';
import { toJsonText } from '@app/json';
import {
  type Activity,
  ActivityNotFoundError,
  type ActivityRetryOf,
  type ActivityStore,
  keysOf,
  type NewActivity,
  WorkflowNotFoundError,
  type WorkflowRevision,
  type WorkflowStore,
} from '@app/persistence';
import {
  CHILD_CANCEL,
  CHILD_REQUEST,
  CHILD_SCHEDULE,
  GOES_ON_REQUIRES,
  hasLostResults,
  isFinal,
  LOCK_RELEASE,
  LOCK_REQUEST,
  MAP_CANCEL,
  MAP_REQUEST,
  WORKER_CANCEL_ENTRY,
  WORKER_TASK_ENTRY,
} from '@app/workflow-engine';
import {
  ActivityNotEndedError,
  ActivityNotRetriableError,
  ActivityRetriedError,
  ActivitySettlingError,
} from './errors.js';
import { type RetryWish } from './read-retry-wish.js';

/**
 * Outbox entries by which a run acquires or releases something outside itself, such as a lock. When none of them is
 * undelivered, the run holds nothing outside.
 */
const SETTLING: readonly string[] = [
  LOCK_REQUEST,
  LOCK_RELEASE,
  CHILD_REQUEST,
  CHILD_SCHEDULE,
  CHILD_CANCEL,
  MAP_REQUEST,
  MAP_CANCEL,
  WORKER_TASK_ENTRY,
  WORKER_CANCEL_ENTRY,
];

/** The revision of a run that a task asked for and that was refused. */
const NO_REVISION = 0;

type Ended = Activity & Required<Pick<Activity, 'event'>>;

export interface Retried {
  readonly id: string;
  readonly retryOf: ActivityRetryOf;
  /** The same retry was requested before. */
  readonly isReplayed: boolean;
}

/**
 * Retries runs that have ended. The ended run stays as it is: each retry is an activity of its own. Its id follows
 * from the id of the first run and the number of the retry, so that concurrent requests make it once.
 */
export class ActivityRetries {
  constructor(
    private readonly activities: Pick<ActivityStore, 'get' | 'record'>,
    private readonly workflows: Pick<WorkflowStore, 'get' | 'getRevision'>,
    private readonly clock: () => number,
    private readonly retriesMax: number,
  ) {}

  /**
   * Retries a run. Resolves when the retry is on record.
   * @throws ActivityNotFoundError, WorkflowNotFoundError, WorkflowInactiveError, WorkflowRetiredError
   * @throws ActivityNotEndedError, ActivityNotRetriableError, ActivityRetriedError, ActivitySettlingError
   */
  async retry(id: string, wish: RetryWish, by: string): Promise<Retried> {
    const ended = await this.#endedOf(id);
    const { from, revision, reason } = wish;
    const attempt = (ended.retryOf?.attempt ?? 1) + 1;
    const first = ended.retryOf?.first ?? id;
    const keys = from === 'failed' && { keysOf: keysOf(ended) };
    const retryOf = { activity: id, first, attempt, from, revision, by, reason, ...keys };
    const event = eventOf(ended.event, wish);
    const next = retryActivityIdOf(first, attempt);
    const known = await this.activities.get(next);
    if (known) return replayed(id, known, retryOf, event);
    this.#requireRoom(ended, attempt);
    requireSettled(ended);
    const unfit = from === 'failed' ? whyNotFromFailed(ended) : undefined;
    if (unfit !== undefined) throw new ActivityNotRetriableError(id, unfit);
    const run = await this.#revisionOf(ended, revision);
    const activity = newActivity(ended, next, retryOf, event, run, this.clock());
    const { kind } = await this.activities.record(activity);
    if (kind === 'recorded') return { id: next, retryOf, isReplayed: false };
    // A concurrent request made it first.
    return replayed(id, await this.activities.get(next), retryOf, event);
  }

  async #endedOf(id: string): Promise<Ended> {
    const found = await this.activities.get(id);
    if (!found) throw new ActivityNotFoundError(id);
    if (!isFinal(found.status)) throw new ActivityNotEndedError(id);
    const { event, workflowRevision } = found;
    if (!event)
      throw new ActivityNotRetriableError(
        id,
        'its request was rejected, and its event is not stored',
      );
    // A refused child has no revision: its error is on record with the run that asked for it.
    if (workflowRevision === NO_REVISION)
      throw new ActivityNotRetriableError(id, 'it was refused; retry the run that asked for it');
    return { ...found, event };
  }

  #requireRoom({ id }: Ended, attempt: number): void {
    if (attempt <= this.retriesMax + 1) return;
    const why = `it was retried ${this.retriesMax} times (ACTIVITY_RETRIES_MAX)`;
    throw new ActivityNotRetriableError(id, why);
  }

  /**
   * Reads the workflow from the store and not from the cache: an operator who has just saved a correction retries
   * with that.
   */
  async #revisionOf(
    { workflowId, workflowRevision }: Ended,
    revision: RetryWish['revision'],
  ): Promise<WorkflowRevision> {
    const workflow = await this.workflows.get(workflowId);
    if (!workflow) throw new WorkflowNotFoundError(workflowId);
    if (workflow.status === 'retired') throw new WorkflowRetiredError(workflowId);
    if (workflow.status !== 'active') throw new WorkflowInactiveError(workflowId);
    const number = revision === 'latest' ? workflow.latestRevision : workflowRevision;
    const found = await this.workflows.getRevision(workflowId, number);
    if (!found) throw new WorkflowNotFoundError(workflowId);
    return found;
  }
}

/** A retry from the failed task needs the results of those that succeeded. */
function whyNotFromFailed({ status, state }: Ended): string | undefined {
  if (status === 'succeeded') return 'nothing of it failed; "from": "start" begins it anew';
  if (state === undefined || !hasLostResults(state)) return undefined;
  return 'its results were too large to be kept; "from": "start" begins it anew';
}

function newActivity(
  { workflowId, trigger, request, parent }: Ended,
  id: string,
  retryOf: ActivityRetryOf,
  event: CloudEvent,
  { revision, requires }: WorkflowRevision,
  now: number,
): NewActivity {
  return {
    id,
    workflowId,
    workflowRevision: revision,
    requires: [...(retryOf.from === 'failed' ? GOES_ON_REQUIRES : []), ...requires],
    trigger,
    createdAt: now,
    event,
    request,
    // The task that began the first run knows its end and does not wait for the retry.
    ...(parent && { parent: { ...parent, waits: false } }),
    retryOf,
    wakeAt: now,
  };
}

/** The event as it came, or with other data. */
function eventOf(event: CloudEvent, { data }: RetryWish): CloudEvent {
  if (data === undefined) return event;
  const given = { kind: 'json', text: toJsonText(data), value: data } as const;
  return { ...event, datacontenttype: 'application/json', data: given };
}

function requireSettled({ id, outbox = [] }: Ended): void {
  const kinds = outbox.map(({ kind }) => kind).filter((kind) => SETTLING.includes(kind));
  if (kinds.length > 0) throw new ActivitySettlingError(id, [...new Set(kinds)]);
}

function replayed(
  id: string,
  known: Activity | undefined,
  wish: ActivityRetryOf,
  event: CloudEvent,
): Retried {
  if (!known?.retryOf || !isSameWish(known, wish, event))
    throw new ActivityRetriedError(id, known?.id ?? 'another');
  return { id: known.id, retryOf: known.retryOf, isReplayed: true };
}

/** Without who requested it and why: two requests that differ in these alone are the same. */
function isSameWish(
  { retryOf, event: recorded }: Activity,
  { from, revision }: ActivityRetryOf,
  event: CloudEvent,
): boolean {
  const isSame = retryOf?.from === from && retryOf.revision === revision;
  return isSame && recorded !== undefined && isSameEvent(recorded, event);
}
