import { type IncomingMessage } from 'node:http';
import { isJsonType, parseMediaType } from '@app/events';
import { type JsonLimits, type JsonValue, parseJsonWithin } from '@app/json';
import { codingsOf, decodeContent } from './content-coding.js';
import { ResponseOutOfBoundsError, ResponseTooLargeError } from '../errors.js';
import { responseTextOf } from './response-text.js';

/** This much of an answer is read before `roomFor` is awaited. Most answers are not larger. */
const SMALL_BYTES = 16 * 1024;

/** The most bytes that a coding adds to an incompressible body. */
const CODING_BYTES_MAX = 1_024;

export interface ResponseLimits {
  readonly bytesMax: number;
  readonly json: JsonLimits;
  /** Resolves when there is room for so many bytes. Called once. */
  readonly roomFor: (bytes: number) => Promise<void>;
}

/**
 * The decoded body of an answer as a task result: JSON if its type says so and it is valid, else text, else base64. JSON
 * beyond the bounds is text if the answer fails the task anyway.
 *
 * @throws ResponseTooLargeError as soon as `bytesMax` is exceeded, before or after decoding; the rest is not read
 * @throws ResponseUnreadableError if its content coding is unknown or the body is not valid in it
 * @throws ResponseOutOfBoundsError
 */
export async function responseBodyOf(
  response: IncomingMessage,
  { bytesMax, json, roomFor }: ResponseLimits,
  isExpected: boolean,
): Promise<JsonValue> {
  const contentEncoding = response.headers['content-encoding'] ?? '';
  const isCoded = codingsOf(contentEncoding).length > 0;
  // A small coded body may become as large as the limit when it is decoded.
  if (isCoded) await roomFor(bytesMax);
  const raw = isCoded
    ? await bytesOf(response, bytesMax + CODING_BYTES_MAX, bytesMax)
    : await uncoded(response, bytesMax, roomFor);
  const bytes = await decodeContent(raw, contentEncoding, bytesMax);
  const type = parseMediaType(response.headers['content-type'] ?? '');
  const text = responseTextOf(bytes, type);
  if (text === undefined) return bytes.toString('base64');
  return type !== undefined && isJsonType(type) ? parsedOrText(text, json, isExpected) : text;
}

function uncoded(
  response: IncomingMessage,
  bytesMax: number,
  roomFor: ResponseLimits['roomFor'],
): Promise<Buffer> {
  const { 'content-length': declared = bytesMax } = response.headers;
  const room = (): Promise<void> => roomFor(Math.min(Number(declared), bytesMax));
  return bytesOf(response, bytesMax, bytesMax, room);
}

/** @param beyondSmall awaited once, after `SMALL_BYTES`; meanwhile the rest stays unread */
async function bytesOf(
  response: IncomingMessage,
  readMax: number,
  bytesMax: number,
  beyondSmall?: () => Promise<void>,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const before = bytes;
    bytes += chunk.length;
    if (bytes > readMax) throw new ResponseTooLargeError(bytesMax);
    chunks.push(chunk);
    if (before <= SMALL_BYTES && bytes > SMALL_BYTES) await beyondSmall?.();
  }
  return Buffer.concat(chunks);
}

/** The parsed JSON, or the text itself if it is not JSON. */
function parsedOrText(text: string, limits: JsonLimits, isExpected: boolean): JsonValue {
  try {
    const parse = parseJsonWithin(text, limits);
    if (parse.kind === 'parsed') return parse.value;
    if (isExpected) throw new ResponseOutOfBoundsError(parse.detail);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return text;
}
