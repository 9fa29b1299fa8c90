import { CloudEvent } from 'cloudevents';
import { parseExact } from './json.js';

/** A task as its message has it: a CloudEvent in structured mode. @throws when it is none */
export function taskEventIn(payload: Uint8Array): CloudEvent<{ readonly input: unknown }> {
  const read = parseExact(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  return new CloudEvent(read as Partial<CloudEvent<{ readonly input: unknown }>>);
}

export type AnswerKind = 'succeeded' | 'failed' | 'progress';

/** An answer to a task, a CloudEvent as JSON has it. The same one has the same id; only progress is another each time. */
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
