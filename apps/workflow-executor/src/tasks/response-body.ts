import { isUtf8 } from 'node:buffer';
import { FlowError } from '@app/errors';
import { DEFAULT_EVENT_LIMITS } from '@app/events';
import { jsonProblems, type JsonValue, parseJson } from '@app/json';
import { type Dispatcher } from 'undici';

/** The callee's answer is larger than a task result may be. */
export class ResponseTooLargeError extends FlowError {
  readonly code = 'HTTP_RESPONSE_TOO_LARGE';
  readonly kind = 'invalid';

  constructor(bytesMax: number) {
    super(`The answer is larger than ${bytesMax} bytes (HTTP_TASK_RESPONSE_BYTES_MAX)`);
  }
}

/**
 * The answer's body as a task result: parsed when it says it is JSON and is (within the bounds that
 * the door has for events), else as text, else
 * (not UTF-8) as base64.
 *
 * @throws ResponseTooLargeError as soon as `bytesMax` is passed; the rest is not read
 */
export async function responseBodyOf(
  response: Dispatcher.ResponseData,
  bytesMax: number,
): Promise<JsonValue> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new ResponseTooLargeError(bytesMax);
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  if (!isUtf8(whole)) return whole.toString('base64');
  const text = whole.toString('utf8');
  const contentType = String(response.headers['content-type'] ?? '');
  return /[/+]json\b/i.test(contentType) ? parsedOrText(text) : text;
}

/** What is no JSON, or too deep or too large to be worked with as JSON, is text. */
function parsedOrText(text: string): JsonValue {
  try {
    const value = parseJson(text);
    return jsonProblems(value, DEFAULT_EVENT_LIMITS, '').length === 0 ? value : text;
  } catch {
    return text;
  }
}
