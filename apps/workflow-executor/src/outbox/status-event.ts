import { type CloudEvent } from '@app/events';
import { type JsonObject, type JsonValue, toJsonText, uriComponent } from '@app/json';
import { type StatusEvent } from '@app/messaging';
import { type OutboxEntry } from '@app/workflow-engine';
import { type EntryOrigin } from './outbox-delivery.js';
import { TASK_STATUS_ENTRY, type TaskStatus } from './task-statuses.js';

/** The types of status events, named as in Boomerang's engine. */
const RUN_TYPE = 'io.boomerang.event.status.workflowrun';
const TASK_TYPE = 'io.boomerang.event.status.taskrun';

/**
 * The status events of an entry: one for a run, one for each task. They are the same at each attempt, so that a
 * recipient can drop duplicates by their ids.
 */
export function statusEvents(entry: OutboxEntry, origin: EntryOrigin): readonly StatusEvent[] {
  const { workflowId } = origin;
  if (entry.kind !== TASK_STATUS_ENTRY) {
    const change = entry.payload as JsonObject & { readonly status: string };
    return [
      { of: 'workflow', workflowId, status: change.status, event: runEvent(entry, origin, change) },
    ];
  }
  const { tasks } = entry.payload as { readonly tasks: readonly TaskStatus[] };
  return tasks.map((change, at) => ({
    of: 'task',
    workflowId,
    status: change.status,
    event: taskEvent(entry, origin, change, String(at + 1).padStart(4, '0')),
  }));
}

function runEvent(
  entry: OutboxEntry,
  origin: EntryOrigin,
  { status = null, previous = null, code = null }: JsonObject,
): CloudEvent {
  const subject = `/activities/${origin.id}`;
  return eventOf(
    entry,
    origin,
    { type: RUN_TYPE, subject },
    { status, previous, ...failure(code) },
  );
}

function taskEvent(
  entry: OutboxEntry,
  origin: EntryOrigin,
  { task, code = null, ...change }: TaskStatus,
  part: string,
): CloudEvent {
  const subject = `/activities/${origin.id}/tasks/${uriComponent(task)}`;
  return eventOf(
    entry,
    origin,
    { type: TASK_TYPE, subject, part },
    { task, ...change, ...failure(code) },
  );
}

function failure(code: JsonValue): JsonObject {
  return code === null ? {} : { failure: { code } };
}

function eventOf(
  { id: entryId, createdAt }: OutboxEntry,
  { id, workflowId, workflowRevision, trigger, event: cause }: EntryOrigin,
  {
    type,
    subject,
    part,
  }: { readonly type: string; readonly subject: string; readonly part?: string },
  change: JsonObject,
): CloudEvent {
  const value = { activityid: id, workflowId, workflowRevision, trigger, ...change };
  const { traceparent } = cause.extensions;
  const ofEntry = part === undefined ? '' : `.${part}`;
  return {
    specversion: '1.0',
    id: `${id}:${entryId}${ofEntry}`,
    source: `/workflows/${workflowId}`,
    type,
    subject,
    time: new Date(createdAt).toISOString(),
    datacontenttype: 'application/json',
    extensions: {
      sequence: entryId.padStart(10, '0') + ofEntry,
      ...(traceparent !== undefined && { traceparent }),
    },
    data: { kind: 'json', text: toJsonText(value), value },
  };
}
