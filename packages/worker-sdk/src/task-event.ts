import { CloudEvent } from 'cloudevents';
import { parseExact } from './json.js';

/** Reads the message of a task: a CloudEvent in structured mode. @throws Error if the payload is not one */
export function taskEventIn(payload: Uint8Array): CloudEvent<{ readonly input: unknown }> {
  const read = parseExact(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  return new CloudEvent(read as Partial<CloudEvent<{ readonly input: unknown }>>);
}

export type AnswerKind = 'succeeded' | 'failed' | 'progress';

/**
 * An answer to a task, as the JSON of a CloudEvent. A result that is sent again has the same id; each report of
 * progress has an id of its own.
 */
export function answerTo(
  task: CloudEvent<unknown>,
  queue: string,
  kind: AnswerKind,
  data: object,
  number = 0,
): object {
  return {
    specversion: '1.0',
    id: kind === 'progress' ? `${task.id}:${kind}:${Date.now()}:${number}` : `${task.id}:${kind}`,
    source: `/workers/${queue}`,
    type: `io.boomerang.event.task.${kind}`,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    activityid: task['activityid'],
    taskname: task['taskname'],
    attempt: task['attempt'],
    data,
  };
}
