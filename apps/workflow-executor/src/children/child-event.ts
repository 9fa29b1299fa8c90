import { type CloudEvent, HOPS, hopsOf } from '@app/events';
import { toJsonText, uriComponent } from '@app/json';
import { type ChildRequest } from '@app/workflow-engine';
import { type EntryOrigin } from '../outbox/outbox-delivery.js';

const STARTED_BY_TASK = 'io.boomerang.event.task.workflow';

/**
 * The event of a run that a task begins. Its data are the parameters that the task gives. Of the parent it holds only
 * the source and the depth of workflows that began each other by `event` tasks, so that a cycle of both ends. A
 * filter of the trigger `task` can use `source`.
 */
export function childEvent(
  { task, attempt, params }: Pick<ChildRequest, 'task' | 'attempt' | 'params'>,
  workflowId: string,
  { id, workflowId: parentWorkflow, event: cause, request }: EntryOrigin,
  createdAt: number,
  index?: number,
): CloudEvent {
  const ofItem = index === undefined ? '' : `:${index}`;
  const { traceparent } = cause.extensions;
  const hops = hopsOf(cause, request);
  return {
    specversion: '1.0',
    id: `${id}:${task}:${attempt}${ofItem}`,
    source: `/workflows/${uriComponent(parentWorkflow)}`,
    type: STARTED_BY_TASK,
    subject: `/${workflowId}`,
    time: new Date(createdAt).toISOString(),
    datacontenttype: 'application/json',
    extensions: {
      ...(traceparent !== undefined && { traceparent }),
      ...(hops > 0 && { [HOPS]: hops }),
    },
    data: { kind: 'json', text: toJsonText(params), value: params },
  };
}
