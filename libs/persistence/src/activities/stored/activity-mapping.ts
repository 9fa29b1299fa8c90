import { type WebhookRequest } from '@app/events';
import {
  type OutboxEntry,
  requirementOfState,
  type Signal,
  WAITS_FOR_SLOT,
} from '@app/workflow-engine';
import {
  fromStored,
  type StoredFields,
  type TextsBeside,
  toStored,
} from '../../storage/stored-fields.js';
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
import { toEvent, toEventDocument } from './event-mapping.js';
import { toFailure, toState } from './state-mapping.js';

export function toDocument(activity: NewActivity): RecordedDocument {
  const { id, workflowId, workflowRevision, trigger, createdAt, wakeAt, event } = activity;
  const { request, parent, retryOf, notBefore, quotaMonth, requires = [] } = activity;
  return {
    _id: id,
    workflowId,
    workflowRevision,
    trigger,
    status: 'queued',
    revision: FIRST_LOCK_VERSION,
    createdAt: new Date(createdAt),
    event: toEventDocument(event),
    inbox: [],
    wakeAt: new Date(wakeAt),
    ...(request && { request: toStored(request) }),
    ...(parent && { parent }),
    ...(retryOf && { retryOf }),
    ...(quotaMonth !== undefined && { quotaMonth }),
    ...gated(requires),
    ...(notBefore !== undefined && { notBefore: new Date(notBefore) }),
  };
}

/**
 * @param texts the results that the collection `results` holds for this activity
 * @throws TextMissingError when the document refers to a result that `texts` lacks
 */
export function toDomain(document: ActivityDocument, texts?: TextsBeside): Activity {
  const {
    event,
    leaseOwner,
    takeovers = 0,
    conflicts,
    wakeAt,
    refusal,
    request,
    parent,
    retryOf,
  } = document;
  const { requires, stateVersion, outbox = [], undelivered, notBefore } = document;
  const state = toState(document, texts);
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
    ...(parent && { parent }),
    ...(retryOf && { retryOf }),
    ...(state && { state }),
    ...(failure && { failure }),
    ...(notBefore && { notBefore: notBefore.getTime() }),
    ...(wakeAt && { wakeAt: wakeAt.getTime() }),
    ...(leaseOwner !== undefined && { leaseOwner }),
    ...(takeovers > 0 && { takeovers }),
    ...(conflicts !== undefined && { conflicts }),
    ...(refusal && { refusal: toRejectedRequestFacts(refusal) }),
  };
}

/** The fields that say what a build must have to run an activity: in full, and as the one key of the index `open`. */
export function gated(
  requires: readonly string[],
  stateVersion = 1,
): Pick<ActivityDocument, 'requires' | 'stateVersion' | 'gate'> {
  const ofState = requirementOfState(stateVersion);
  const gate = requires.includes(WAITS_FOR_SLOT) ? WAITS_FOR_SLOT : (ofState ?? requires[0]);
  return {
    ...(requires.length > 0 && { requires }),
    ...(stateVersion > 1 && { stateVersion }),
    ...(gate !== undefined && { gate }),
  };
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
