import { type CloudEvent } from 'cloudevents';
import { MESSAGE_CHARS_MAX, RESULTS_INVALID } from './errors.js';
import { stringifyExact } from './json.js';
import { type AnswerKind, answerTo } from './task-event.js';

/** What Flow Eventing takes of results, as JSON. */
const RESULTS_BYTES_MAX = 1_024 * 1_024;
/** What the headers of an answer take of a message of NATS, at most. */
const HEADERS_BYTES_MAX = 256;

/**
 * The end of an attempt as a message. What can't be sent becomes a failure that says so; one that the handler
 * threw stays as retryable as it was.
 *
 * @param messageBytesMax what the server takes as a message, with its headers
 */
export function resultText(
  task: CloudEvent<unknown>,
  queue: string,
  kind: AnswerKind,
  data: Readonly<Record<string, unknown>>,
  messageBytesMax: number,
): string {
  const unsendable = (why: string): string => {
    const { results: _out, ...failure } = data;
    const said = typeof failure['message'] === 'string' ? failure['message'] : '';
    const message = `${why} ${said}`.slice(0, MESSAGE_CHARS_MAX).trim();
    const sent = { retryable: false, ...failure, code: RESULTS_INVALID, message };
    return stringifyExact(answerTo(task, queue, 'failed', sent));
  };
  let text: string;
  try {
    if (!isObject(data['results'])) return unsendable('The results are no object.');
    text = stringifyExact(answerTo(task, queue, kind, data));
  } catch (error) {
    return unsendable(`The results are no JSON: ${String(error)}.`);
  }
  const bytesMax = Math.min(RESULTS_BYTES_MAX, messageBytesMax - HEADERS_BYTES_MAX);
  const bytes = Buffer.byteLength(text);
  if (bytes <= bytesMax) return text;
  return unsendable(
    `The results take ${bytes} bytes, and at most ${bytesMax} are taken: give a link.`,
  );
}

/** Whether it is one as JSON: what a `toJSON` gives counts, and not what that is of. */
function isObject(results: unknown): boolean {
  if (results === undefined) return true;
  return stringifyExact({ results }).startsWith('{"results":{');
}
