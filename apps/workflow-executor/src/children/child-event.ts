import { type CloudEvent, HOPS, hopsOf } from '@app/events';
import { toJsonText } from '@app/json';
import { type ChildRequest } from '@app/workflow-engine';
import { type EntryOrigin } from '../outbox/outbox-delivery.js';

const STARTED_BY_TASK = 'io.boomerang.event.task.workflow';

/**
 * What starts a run that a task begins: its data are the parameters that the task gives, and nothing of the
 * other run is in it but where it comes from, and through how many workflows by `event` tasks: so a circle of
 * both ends, too. A filter of the trigger `task` can go by `source`.
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
    source: `/workflows/${encodeURIComponent(parentWorkflow)}`,
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
