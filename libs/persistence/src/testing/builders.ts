import { activityIdOf, type CloudEvent } from '@app/events';
import { type JsonValue, toJsonText } from '@app/json';
import { type ActivityState } from '@app/workflow-engine';
import {
  type ActivityCommit,
  type DispatchedActivity,
  type NewActivity,
} from '../activities/activity.js';
import { type ActivityStore } from '../activities/activity-store.js';
import { type CorrelatedEvent } from '../correlated-events/correlated-event.js';
import { type RejectedRequest } from '../rejected-requests/rejected-request-store.js';
import { type Workflow, type WorkflowRevision, type WorkflowToken } from '../workflows/workflow.js';
import { DISPATCH_GRACE_MS } from '../activities/new-activity.js';

/** A fixed instant for tests, so late that MongoDB deletes nothing that ended then. */
export const NOW = Date.UTC(2126, 0, 2, 3, 4, 5);

export function anEvent(event: Partial<CloudEvent> = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: 'event-1',
    source: '/tests',
    type: 'io.example.tested.v1',
    extensions: {},
    ...event,
  };
}

export function jsonData(value: JsonValue): NonNullable<CloudEvent['data']> {
  return { kind: 'json', text: toJsonText(value), value };
}

export function aNewActivity(activity?: Partial<DispatchedActivity>): DispatchedActivity;
export function aNewActivity(activity: Partial<NewActivity>): NewActivity;
export function aNewActivity({
  workflowId = 'workflow-1',
  event = anEvent(),
  ...rest
}: Partial<NewActivity> = {}): NewActivity {
  return {
    id: activityIdOf(workflowId, event.source, event.id),
    workflowId,
    workflowRevision: 1,
    trigger: 'event',
    createdAt: NOW,
    wakeAt: NOW + DISPATCH_GRACE_MS,
    event,
    ...rest,
  };
}

export function aState(state: Partial<ActivityState> = {}): ActivityState {
  return { status: 'running', startedAt: NOW, tasks: {}, results: {}, ...state };
}

export function aCommit(
  commit: Pick<ActivityCommit, 'id'> & Partial<ActivityCommit>,
): ActivityCommit {
  return { lockVersion: 1, state: aState(), ...commit };
}

export function succeeded(): ActivityState {
  return aState({ status: 'succeeded', endedAt: NOW + 1 });
}

export function aCorrelatedEvent(event: Partial<CorrelatedEvent> = {}): CorrelatedEvent {
  return {
    id: 'event-1',
    isNamed: true,
    workflowId: 'workflow-1',
    topic: 'paid',
    correlationKey: 'order-1',
    outcome: 'succeeded',
    payload: { sum: 12 },
    at: NOW,
    ...event,
  };
}

/** Tasks that wait for events by a key, each `[topic, key]`. */
export function waitingForEvents(...waits: readonly (readonly [string, string])[]): ActivityState {
  const tasks = waits.map(([topic, correlationKey], at) => {
    const on = { kind: 'event', topic, correlationKey, since: NOW } as const;
    const task = { status: 'waiting', on, attempt: 1, keyAttempt: 1, startedAt: NOW } as const;
    return [`wait-${at}`, task] as const;
  });
  const waitingFor = tasks.map(([task]) => {
    return { task, kind: 'event', what: 'an event', since: NOW } as const;
  });
  return aState({ status: 'waiting', tasks: Object.fromEntries(tasks), waitingFor });
}

/** An activity whose event has this id; due at `wakeAt`. */
export async function recorded(
  store: ActivityStore,
  eventId = 'event-1',
  wakeAt = NOW + DISPATCH_GRACE_MS,
  createdAt = NOW,
): Promise<{ readonly id: string }> {
  const activity = aNewActivity({ event: anEvent({ id: eventId }), wakeAt, createdAt });
  await store.record(activity);
  return { id: activity.id };
}

export function aRejectedRequest(request: Partial<RejectedRequest> = {}): RejectedRequest {
  return {
    workflowId: 'workflow-1',
    trigger: 'event',
    code: 'TOKEN_INVALID',
    message: 'The token is not one of the workflow',
    at: NOW,
    ...request,
  };
}

export function aWorkflow(workflow: Partial<Workflow> = {}): Workflow {
  return {
    id: 'workflow-1',
    name: 'a-workflow',
    status: 'active',
    triggers: { event: { enabled: true } },
    labels: {},
    tokens: [],
    latestRevision: 1,
    requires: [],
    lockVersion: 1,
    createdAt: NOW,
    ...workflow,
  };
}

export function aRevision(revision: Partial<WorkflowRevision> = {}): WorkflowRevision {
  return {
    workflowId: 'workflow-1',
    revision: 1,
    definition: { tasks: [{ name: 'start', type: 'start' }] },
    contentHash: '0'.repeat(64),
    requires: [],
    createdAt: NOW,
    ...revision,
  };
}

export function aWorkflowToken(token: Partial<WorkflowToken> = {}): WorkflowToken {
  return {
    id: 'token-1',
    label: 'default',
    prefix: 'bfw_abcd',
    hash: '1'.repeat(64),
    createdAt: NOW,
    ...token,
  };
}
