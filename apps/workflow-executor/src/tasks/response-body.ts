import { isUtf8 } from 'node:buffer';
import { FlowError } from '@app/errors';
import { type JsonValue } from '@app/workflow-engine';
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
 * The answer's body as a task result: parsed when it says it is JSON and is, else as text, else
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

function parsedOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
