import {
  checkEvent,
  type CloudEvent,
  type EventData,
  type EventName,
  isJsonType,
  parseMediaType,
  toStructuredJson,
  HOPS,
  ROOT,
} from '@app/events';
import { type JsonValue, toJsonText } from '@app/json';
import { failed, impossible } from '../http/broken-call.js';
import { type TaskCall, type TaskOutcome } from '../task-handler.js';

export type EventToSend =
  { readonly kind: 'event'; readonly event: CloudEvent } | Extract<TaskOutcome, { kind: 'failed' }>;

/** The complete and checked event of a task, or the failure if it is invalid. */
export function eventToSend(
  call: TaskCall<'event'>,
  hopsMax: number,
  rootFor: (event: EventName) => string,
): EventToSend {
  const { effect, scope, workflowId, traceparent } = call;
  const { data: given, extensions, time, ...context } = effect.params.event;
  const hops = (scope.hops ?? 0) + 1;
  if (hops > hopsMax) return tooManyHops(hopsMax);
  const data = dataOf(given, context.datacontenttype);
  if (data === 'not a text')
    return impossible('its "data" is not a text, and its type is not JSON');
  const name = { source: `/workflows/${workflowId}`, ...context };
  const attributes = {
    specversion: '1.0',
    ...name,
    time: new Date(time).toISOString(),
    traceparent,
    ...extensions,
    [HOPS]: hops,
    [ROOT]: rootFor(name),
  };
  const checked = checkEvent({ attributes, data, problems: [] });
  if (checked.kind === 'invalid') {
    const problems = checked.problems.map(({ attribute, detail }) => `"${attribute}" ${detail}`);
    return impossible(`its event is invalid: ${problems.join('; ')}`);
  }
  const { event } = checked;
  return hasSecret(event, scope.secretNonce)
    ? impossible("a secret can't be in an event itself, which others keep")
    : { kind: 'event', event };
}

function dataOf(
  value: JsonValue | undefined,
  datacontenttype = 'application/json',
): EventData | undefined | 'not a text' {
  if (value === undefined) return undefined;
  const type = parseMediaType(datacontenttype);
  // An invalid type is reported with the other attributes.
  if (!type || isJsonType(type)) return { kind: 'json', text: toJsonText(value), value };
  return typeof value === 'string' ? { kind: 'text', text: value } : 'not a text';
}

/** Whether the event contains the mark of a secret, which came in through another parameter of the task. */
function hasSecret(event: CloudEvent, nonce: string | undefined): boolean {
  return nonce !== undefined && toStructuredJson(event).includes(nonce);
}

function tooManyHops(hopsMax: number): Extract<TaskOutcome, { kind: 'failed' }> {
  const message =
    `The event that began the run has come through ${hopsMax} workflows that started one another, which is ` +
    'as many as may be (EVENT_TASK_HOPS_MAX): is one of them started by itself?';
  return failed('EVENT_HOPS_EXCEEDED', message, false);
}
