import { isUtf8 } from 'node:buffer';
import { FlowError } from '@app/errors';
import { type JsonLimits, type JsonValue, parseJsonWithin } from '@app/json';
import { type Dispatcher } from 'undici';

/** The callee's answer is larger than a task result may be. */
export class ResponseTooLargeError extends FlowError {
  readonly code = 'HTTP_RESPONSE_TOO_LARGE';
  readonly kind = 'invalid';

  constructor(bytesMax: number) {
    super(`The answer is larger than ${bytesMax} bytes (HTTP_TASK_RESPONSE_BYTES_MAX)`);
  }
}

/** The callee's answer is JSON beyond the bounds that all JSON from outside has. */
export class ResponseOutOfBoundsError extends FlowError {
  readonly code = 'HTTP_RESPONSE_OUT_OF_BOUNDS';
  readonly kind = 'invalid';

  constructor(detail: string) {
    super(`The JSON of the answer can't be taken: it ${detail}`);
  }
}

export interface ResponseLimits {
  readonly bytesMax: number;
  readonly json: JsonLimits;
}

/**
 * The answer's body as a task result: parsed when it says it is JSON and is, else as text, else
 * (not UTF-8) as base64. Of an answer that fails the task anyway, JSON beyond the bounds is text.
 *
 * @throws ResponseTooLargeError as soon as `bytesMax` is passed; the rest is not read
 * @throws ResponseOutOfBoundsError
 */
export async function responseBodyOf(
  response: Dispatcher.ResponseData,
  { bytesMax, json }: ResponseLimits,
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
  return /[/+]json\b/i.test(contentType)
    ? parsedOrText(text, json, response.statusCode >= 400)
    : text;
}

/** What is no JSON, whatever it says, is text. */
function parsedOrText(text: string, limits: JsonLimits, failed: boolean): JsonValue {
  try {
    const parse = parseJsonWithin(text, limits);
    if (parse.kind === 'parsed') return parse.value;
    if (!failed) throw new ResponseOutOfBoundsError(parse.detail);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return text;
}
