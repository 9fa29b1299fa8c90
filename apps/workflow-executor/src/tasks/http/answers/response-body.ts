import { type IncomingMessage } from 'node:http';
import { isJsonType, parseMediaType } from '@app/events';
import { type JsonLimits, type JsonValue, parseJsonWithin } from '@app/json';
import { codingsOf, decodeContent } from './content-coding.js';
import { ResponseOutOfBoundsError, ResponseTooLargeError } from '../errors.js';
import { responseTextOf } from './response-text.js';

/** So much of an answer is read before there is room for it: most have no more. */
const SMALL_BYTES = 16 * 1024;

/** What a coding may add to a body that it can't make smaller, in bytes. */
const CODING_BYTES_MAX = 1_024;

export interface ResponseLimits {
  readonly bytesMax: number;
  readonly json: JsonLimits;
  /** Resolves when there is room for so many bytes; asked once. */
  readonly roomFor: (bytes: number) => Promise<void>;
}

/**
 * The answer's body as a task result, its content codings taken off: parsed when it says it is JSON and
 * is, else as text, else as base64. Of an answer that fails the task anyway, JSON beyond the bounds
 * is text.
 *
 * @throws ResponseTooLargeError as soon as `bytesMax` is passed, before or after decoding; the rest is
 * not read
 * @throws ResponseUnreadableError when its content coding is unknown or broken
 * @throws ResponseOutOfBoundsError
 */
export async function responseBodyOf(
  response: IncomingMessage,
  { bytesMax, json, roomFor }: ResponseLimits,
  isExpected: boolean,
): Promise<JsonValue> {
  const contentEncoding = response.headers['content-encoding'] ?? '';
  const isCoded = codingsOf(contentEncoding).length > 0;
  // However little of a coded one comes, it may become as much as it may be.
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

/** @param beyondSmall is waited for once, when more than a little has come; the rest stays unread meanwhile */
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

/** What is no JSON, whatever it says, is text. */
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
