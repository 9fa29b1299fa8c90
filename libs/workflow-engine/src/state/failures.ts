import { type Failure } from './failure.js';
import { FAILURE_MESSAGE_CHARS_MAX } from '../bounds.js';

/** A failure of one task. Codes may come from an executor, so they are bounded as messages are. */
export function taskFailure(task: string, code: string, message: string): Failure {
  return { level: 'task', code: cut(code), message: cut(message), task };
}

/** A failure of the run that is no task's. */
export function workflowFailure(code: string, message: string): Failure {
  return { level: 'workflow', code, message: cut(message) };
}

function cut(text: string): string {
  if (text.length <= FAILURE_MESSAGE_CHARS_MAX) return text;
  return `${text.slice(0, FAILURE_MESSAGE_CHARS_MAX - 1)}…`;
}
