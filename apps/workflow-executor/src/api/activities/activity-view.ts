import {
  childActivityIdOf,
  type CloudEvent,
  contextAttributes,
  type WebhookRequest,
} from '@app/events';
import { type JsonObject, type JsonValue } from '@app/json';
import {
  type Activity,
  type ListedActivity,
  type RejectedRequestFacts,
  type UndeliveredEntry,
} from '@app/persistence';
import { type Failure, type Forced, type Operation, type WaitReason } from '@app/workflow-engine';
import { isoTime, isoTimeIf } from '../iso-time.js';
import { paramPlacesOf, paramsOf } from '../../runs/starting/event-params.js';
import { type Mask } from '../../tasks/secrets/mask.js';
import { secretParamsMask } from '../../tasks/secrets/secret-params.js';
import { retryOfView, type RetryOfView } from '../retries/retry-view.js';
import { type ApprovalView, approvalOf, progressOf } from './wait-progress.js';
import { failureBeforeRun, failureBeforeWait, waitsOf, type WaitView } from './waits-view.js';

/** An activity as a list shows it. Times are ISO 8601 in UTC; what is undefined is left out. */
export interface ActivitySummary {
  readonly id: string;
  readonly workflowId: string;
  readonly workflowRevision: number;
  readonly trigger: string;
  /** The run whose task began it, if one did. */
  readonly parent: ParentView | undefined;
  /** The run that an operator retried as this one, if any. */
  readonly retryOf: RetryOfView | undefined;
  /** Of the run, since its workflow last began it again. */
  readonly attempt: number | undefined;
  readonly status: string;
  readonly createdAt: string;
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
  /** From the beginning of the run to its end, in milliseconds. */
  readonly durationMs: number | undefined;
  /** Why it failed; while it waits for another attempt, why the one before did. */
  readonly failure: Failure | undefined;
  /** What it waits for, and since when; left out when it does not wait. */
  readonly waitingFor: readonly WaitView[] | undefined;
  /** How often in a row its executor died or broke off; 0 after the next progress. */
  readonly takeovers: number | undefined;
  /** How often the same id came again with other content. */
  readonly conflicts: number | undefined;
  /** On a rejected request: how often it came, and from whom. */
  readonly refusal: RejectedRequestView | undefined;
  /**
   * How many signals came before anything waited for them and were dropped because the mailbox was full; absent for
   * none.
   */
  readonly earlySignalsLost: number | undefined;
  /** Outbox entries that were refused for good, with the reason; the first 20. */
  readonly undelivered: readonly UndeliveredView[] | undefined;
}

export interface ParentView {
  readonly activityId: string;
  readonly task: string;
  readonly attempt: number;
  /** The item that it is for, where the task begins many. */
  readonly index: number | undefined;
}

type UndeliveredView = Omit<UndeliveredEntry, 'at'> & { readonly at: string };

/** An activity with all details. */
export interface ActivityView extends ActivitySummary {
  /** The CloudEvent in structured mode, with its data; left out on a rejected request. */
  readonly event: Readonly<Record<string, JsonValue>> | undefined;
  /** The parts of a webhook's request that became the parameters `query` and `headers`. */
  readonly request: WebhookRequest | undefined;
  readonly tasks: readonly TaskView[];
  readonly results: Readonly<Record<string, JsonValue>>;
  /** The last 50 actions of operators on it. */
  readonly operations: readonly OperationView[] | undefined;
  /** The run that retries this one, if there is one. */
  readonly retriedAs: string | undefined;
  /** When an executor reads it again at the latest, without a notification; ISO 8601 in UTC. */
  readonly wakeAt: string | undefined;
}

export interface TaskView {
  readonly name: string;
  readonly status: string;
  readonly attempt: number | undefined;
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
  readonly results: Readonly<Record<string, JsonValue>> | undefined;
  /** For a `decision`: the value that its edges were matched against. */
  readonly decision: string | undefined;
  /** Why it failed; while it waits for another attempt or is paused, why the one before failed. */
  readonly failure: Failure | undefined;
  /** Who ended it, if an operator did. */
  readonly forced: Forced | undefined;
  /** While it waits for approval: what the approvers need to know. */
  readonly approval: ApprovalView | undefined;
  /** While it waits for a run that it began: the run, and its workflow as the task names it. */
  readonly child: { readonly activityId: string; readonly workflow: string } | undefined;
  /**
   * While a worker has it: its progress, as the worker last reported it. While it maps a list: how many of `total`
   * were begun, are `open`, and have failed.
   */
  readonly progress: JsonValue | undefined;
}

type RejectedRequestView = Omit<RejectedRequestFacts, 'firstAt' | 'lastAt'> & {
  readonly firstAt: string;
  readonly lastAt: string;
};

/** The members that a task may have, whatever its status. */
type TaskFacts = Partial<
  Omit<TaskView, 'name' | 'startedAt' | 'endedAt' | 'approval' | 'progress' | 'child'>
> & {
  readonly status: string;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly on?: WaitReason;
  readonly memory?: JsonObject;
};

export function activitySummary(activity: ListedActivity): ActivitySummary {
  const { id, workflowId, workflowRevision, trigger, status, state, refusal } = activity;
  // A run that waits for a slot has a state but has not begun.
  const { startedAt, endedAt } = (status !== 'queued' && state) || {};
  const ran = startedAt !== undefined && endedAt !== undefined;
  return {
    id,
    workflowId,
    workflowRevision,
    trigger,
    parent: parentView(activity.parent),
    retryOf: retryOfView(activity.retryOf),
    attempt: state?.again?.attempt,
    status,
    createdAt: isoTime(activity.createdAt),
    startedAt: isoTimeIf(startedAt),
    endedAt: isoTimeIf(endedAt),
    // Records of earlier versions may have instants with fractions.
    durationMs: ran ? Math.round(endedAt - startedAt) : undefined,
    failure: activity.failure ?? state?.failure ?? failureBeforeRun(activity),
    waitingFor: waitsOf(activity),
    takeovers: activity.takeovers,
    conflicts: activity.conflicts,
    earlySignalsLost: state?.earlyLost,
    undelivered: activity.undelivered?.map((one) => ({ ...one, at: isoTime(one.at) })),
    refusal: refusal && {
      ...refusal,
      firstAt: isoTime(refusal.firstAt),
      lastAt: isoTime(refusal.lastAt),
    },
  };
}

export function activityView(activity: Activity, retriedAs?: string): ActivityView {
  const { event, request, state, wakeAt } = activity;
  return {
    ...activitySummary(activity),
    event: event && eventView(event),
    request,
    tasks: Object.entries(state?.tasks ?? {}).map(([name, task]) =>
      taskView(activity.id, name, task),
    ),
    results: state?.results ?? {},
    operations: operationsView(state?.operations),
    retriedAs,
    wakeAt: isoTimeIf(wakeAt),
  };
}

/** The view with `***` in the place of the secret parameters that the event brought. */
export function withoutSecrets(
  view: ActivityView,
  activity: Activity,
  names: ReadonlySet<string>,
): ActivityView {
  const { event, trigger, request } = activity;
  if (names.size === 0 || event === undefined) return view;
  const params = paramsOf({ trigger, event, request });
  const mask = secretParamsMask(params, names, () => paramPlacesOf({ trigger, event }));
  if (mask === undefined) return view;
  return {
    ...view,
    event: view.event && masked(view.event, mask),
    request: view.request && masked(view.request, mask),
  };
}

function masked<Members extends object>(members: Members, mask: Mask): Members {
  return mask.value(members as JsonValue) as Members;
}

/** An activity that makes no progress says what it waits for, from its first moment on. */
function taskView(activity: string, name: string, task: TaskFacts): TaskView {
  const { status, attempt, startedAt, endedAt, results, decision, failure, forced } = task;
  return {
    name,
    status,
    attempt,
    startedAt: isoTimeIf(startedAt),
    endedAt: isoTimeIf(endedAt),
    results,
    decision,
    failure: failure ?? failureBeforeWait(task.on),
    forced,
    approval: approvalOf(task.on, task.memory),
    child: childOf(activity, name, task),
    progress: progressOf(task.on, task.memory),
  };
}

function childOf(
  activity: string,
  name: string,
  { on, attempt, memory = {} }: TaskFacts,
): TaskView['child'] {
  // Of a map only the task is shown: its items are in the list of children.
  if (memory['total'] !== undefined) return undefined;
  if (on?.kind !== 'children' || on.workflow === undefined || attempt === undefined)
    return undefined;
  return { activityId: childActivityIdOf(activity, name, attempt), workflow: on.workflow };
}

export function parentView(parent: Activity['parent']): ParentView | undefined {
  if (!parent) return undefined;
  const { activity: activityId, task, attempt, index } = parent;
  return { activityId, task, attempt, index };
}

function eventView(event: CloudEvent): Readonly<Record<string, JsonValue>> {
  const context = contextAttributes(event);
  switch (event.data?.kind) {
    case undefined:
      return context;
    case 'json':
      return { ...context, data: event.data.value };
    case 'text':
      return { ...context, data: event.data.text };
    case 'binary':
      return { ...context, data_base64: Buffer.from(event.data.bytes).toString('base64') };
  }
}

/** What an operator did: `retried`, `succeeded`, `failed`, `skipped` of a task; `resumed`, `cancelled` of the run. */
type OperationView = Omit<Operation, 'at'> & {
  /** ISO 8601 in UTC. */
  readonly at: string;
};

function operationsView(
  operations: readonly Operation[] | undefined,
): readonly OperationView[] | undefined {
  return operations?.map(({ request: _, ...one }) => ({ ...one, at: isoTime(one.at) }));
}
