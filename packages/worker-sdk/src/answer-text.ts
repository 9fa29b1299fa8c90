import { type CloudEvent } from 'cloudevents';
import { MESSAGE_CHARS_MAX, RESULTS_INVALID } from './errors.js';
import { stringifyExact } from './json.js';
import { type AnswerKind, answerTo } from './task-event.js';

/** The largest answer that Flow Eventing accepts, in bytes of JSON. */
const RESULTS_BYTES_MAX = 1_024 * 1_024;
/** The share of a NATS message that the headers of an answer take at most, in bytes. */
const HEADERS_BYTES_MAX = 256;

/**
 * The payload of the message that ends an attempt. Results that can't be sent become a failure
 * `WORKER_RESULTS_INVALID` whose message says why. A failure that the handler threw stays as retryable as it was.
 *
 * @param messageBytesMax the largest message that the NATS server accepts, with its headers
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
    if (!isObject(data['results'])) return unsendable('The results are not an object.');
    text = stringifyExact(answerTo(task, queue, kind, data));
  } catch (error) {
    return unsendable(`The results can't be written as JSON: ${String(error)}.`);
  }
  const bytesMax = Math.min(RESULTS_BYTES_MAX, messageBytesMax - HEADERS_BYTES_MAX);
  const bytes = Buffer.byteLength(text);
  if (bytes <= bytesMax) return text;
  return unsendable(
    `The answer has ${bytes} bytes, and at most ${bytesMax} are accepted: return a link instead.`,
  );
}

/** Whether the results are an object once they are JSON: a value with `toJSON` is judged by what that returns. */
function isObject(results: unknown): boolean {
  if (results === undefined) return true;
  return stringifyExact({ results }).startsWith('{"results":{');
}
