import { type WebhookRequest } from '@app/events';
import {
  type ActivityState,
  type Failure,
  type OutboxEntry,
  requirementOfState,
  type Signal,
  type TaskState,
} from '@app/workflow-engine';
import { fromStored, toStored, type StoredFields } from '../../storage/stored-fields.js';
import {
  FIRST_LOCK_VERSION,
  type Activity,
  type NewActivity,
  type RejectedRequestFacts,
  type UndeliveredEntry,
} from '../activity.js';
import {
  type ActivityDocument,
  type RecordedDocument,
  type RejectedRequestDocument,
} from './activity-document.js';
import { forEarlierTask, fromEarlierTask, fromEarlierWait } from './earlier-states.js';
import { toEvent, toEventDocument } from './event-mapping.js';

/** The fields of a document that hold the engine's state. */
export interface StateFields {
  readonly run: StoredFields;
  readonly tasks: readonly StoredFields[];
  readonly waitingFor?: readonly StoredFields[];
  readonly failure?: StoredFields;
}

/** Of the state: these are not in `run`. */
const FIELDS_OF_THEIR_OWN = ['status', 'tasks', 'waitingFor', 'failure'];

export function toDocument(activity: NewActivity): RecordedDocument {
  const { id, workflowId, workflowRevision, trigger, createdAt, wakeAt, event } = activity;
  const { request, requires = [] } = activity;
  return {
    _id: id,
    workflowId,
    workflowRevision,
    trigger,
    status: 'queued',
    revision: FIRST_LOCK_VERSION,
    createdAt: new Date(createdAt),
    event: toEventDocument(event),
    ...(request && { request: toStored(request) }),
    ...gated(requires),
    inbox: [],
    wakeAt: new Date(wakeAt),
  };
}

export function toDomain(document: ActivityDocument): Activity {
  const { event, leaseOwner, takeovers = 0, conflicts, wakeAt, refusal, request } = document;
  const { requires, stateVersion, outbox = [], undelivered } = document;
  const state = toState(document);
  const failure = toFailure(document);
  return {
    id: document._id,
    workflowId: document.workflowId,
    workflowRevision: document.workflowRevision,
    ...(requires && { requires }),
    ...(stateVersion !== undefined && { stateVersion }),
    trigger: document.trigger,
    status: document.status,
    lockVersion: document.revision,
    createdAt: document.createdAt.getTime(),
    inbox: document.inbox.map(toSignal),
    ...(outbox.length > 0 && { outbox: outbox.map(toEntry) }),
    ...(undelivered && { undelivered: undelivered.map(toUndelivered) }),
    ...(event && { event: toEvent(event) }),
    ...(request && { request: toRequest(request) }),
    ...(state && { state }),
    ...(failure && { failure }),
    ...(wakeAt && { wakeAt: wakeAt.getTime() }),
    ...(leaseOwner !== undefined && { leaseOwner }),
    ...(takeovers > 0 && { takeovers }),
    ...(conflicts !== undefined && { conflicts }),
    ...(refusal && { refusal: toRejectedRequestFacts(refusal) }),
  };
}

/** What a build must have for it, in full and as the index has it. */
export function gated(
  requires: readonly string[],
  stateVersion = 1,
): Pick<ActivityDocument, 'requires' | 'stateVersion' | 'gate'> {
  const gate = requirementOfState(stateVersion) ?? requires[0];
  return {
    ...(requires.length > 0 && { requires }),
    ...(stateVersion > 1 && { stateVersion }),
    ...(gate !== undefined && { gate }),
  };
}

export function toStateFields(state: ActivityState): StateFields {
  const { tasks, waitingFor, failure } = state;
  const fields: { -readonly [Name in keyof StateFields]: StateFields[Name] } = {
    run: toStored(state, FIELDS_OF_THEIR_OWN),
    tasks: Object.entries(tasks).map(([name, task]) => toStoredTask(name, task)),
  };
  if (waitingFor) fields.waitingFor = waitingFor.map((one) => toStored(one));
  if (failure) fields.failure = toStored(failure);
  return fields;
}

/**
 * `fromStored` gives back what `toStored` was given, which the types can't know: the one place
 * where they are told.
 */
function toState(document: ActivityDocument): ActivityState | undefined {
  const { run, tasks = [], waitingFor, status } = document;
  if (!run) return undefined;
  const failure = toFailure(document);
  const tasksByName = Object.fromEntries(tasks.map(toTask));
  const waits = waitingFor?.map((wait) => fromEarlierWait(fromStored(wait), tasksByName));
  return {
    results: {},
    ...fromStored(run),
    status,
    tasks: tasksByName,
    ...(waits && { waitingFor: waits }),
    ...(failure && { failure }),
  } as unknown as ActivityState;
}

/** Most tasks have no results: that is not written. */
function toStoredTask(name: string, task: TaskState): StoredFields {
  const hasNone = task.status === 'succeeded' && isEmpty(task.results);
  return { name, ...toStored({ ...task, ...forEarlierTask(task) }, hasNone ? ['results'] : []) };
}

function toTask(fields: StoredFields): readonly [string, TaskState] {
  const { name, ...task } = fromStored(fields);
  if (task['status'] === 'succeeded') task['results'] ??= {};
  return [name as string, fromEarlierTask(task)];
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}

function toFailure({ failure }: ActivityDocument): Failure | undefined {
  return failure && (fromStored(failure) as unknown as Failure);
}

function toSignal(fields: StoredFields): Signal {
  return fromStored(fields) as unknown as Signal;
}

function toEntry(fields: StoredFields): OutboxEntry {
  return { payload: null, ...fromStored(fields) } as unknown as OutboxEntry;
}

function toUndelivered(fields: StoredFields): UndeliveredEntry {
  return fromStored(fields) as unknown as UndeliveredEntry;
}

function toRequest(fields: StoredFields): WebhookRequest {
  return fromStored(fields) as unknown as WebhookRequest;
}

function toRejectedRequestFacts({
  firstAt,
  lastAt,
  ...facts
}: RejectedRequestDocument): RejectedRequestFacts {
  return { ...facts, firstAt: firstAt.getTime(), lastAt: lastAt.getTime() };
}
