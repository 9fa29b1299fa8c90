import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { ResponseTooLargeError, ResponseUnreadableError } from '../errors.js';

type Decode = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const inflate: Decode = promisify(zlib.inflate);
const inflateRaw: Decode = promisify(zlib.inflateRaw);
const gunzip: Decode = promisify(zlib.gunzip);

/** The codings of RFC 9110, section 8.4.1, and zstd if this version of Node has it. */
const DECODERS = new Map<string, Decode>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  // RFC 9110 requires zlib's format; some servers send the bare stream.
  ['deflate', (bytes, options) => (isZlib(bytes) ? inflate : inflateRaw)(bytes, options)],
  ['br', promisify(zlib.brotliDecompress)],
  ...zstdIfThere(),
]);

/** The most codings of one body, applied one after the other. */
const CODINGS_MAX = 3;

/** For `Accept-Encoding`: exactly what can be decoded. */
export const ACCEPTED_CODINGS = ['gzip', 'deflate', 'br', 'zstd']
  .filter((name) => DECODERS.has(name))
  .join(', ');

/**
 * Decodes the content codings of a body, the last one first.
 *
 * @throws ResponseUnreadableError if a coding is unknown or the body is not valid in it
 * @throws ResponseTooLargeError if the result would have more than `bytesMax` bytes; decoding stops there
 */
export async function decodeContent(
  body: Buffer,
  contentEncoding: string,
  bytesMax: number,
): Promise<Buffer> {
  let bytes = body;
  if (bytes.length === 0) return bytes;
  for (const coding of codingsOf(contentEncoding).toReversed()) {
    const decode = DECODERS.get(coding);
    if (!decode) throw unreadable(`in the unknown content coding "${coding}"`);
    bytes = await decodeOne(decode, coding, bytes, bytesMax);
  }
  return bytes;
}

/** The codings that a header names, in the order in which they were applied. */
export function codingsOf(contentEncoding: string): readonly string[] {
  const names = contentEncoding.toLowerCase().split(',');
  const codings = names
    .map((name) => name.trim())
    .filter((name) => !['', 'identity'].includes(name));
  if (codings.length > CODINGS_MAX) throw unreadable(`in ${codings.length} content codings`);
  return codings;
}

async function decodeOne(
  decode: Decode,
  coding: string,
  bytes: Buffer,
  bytesMax: number,
): Promise<Buffer> {
  try {
    return await decode(bytes, { maxOutputLength: bytesMax });
  } catch (cause) {
    if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw new ResponseTooLargeError(bytesMax);
    throw unreadable(
      `not in the content coding "${coding}" that it names (${codeOf(cause)})`,
      cause,
    );
  }
}

function unreadable(what: string, cause?: unknown): ResponseUnreadableError {
  const accepted = `this executor reads ${ACCEPTED_CODINGS}`;
  return new ResponseUnreadableError(`The body of the answer is ${what}; ${accepted}`, { cause });
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}

/** RFC 1950, section 2.2: the method is 8, and the first two bytes are a multiple of 31. */
function isZlib(bytes: Buffer): boolean {
  return bytes.length >= 2 && (bytes.readUInt8() & 0x0f) === 8 && bytes.readUInt16BE() % 31 === 0;
}

/** Node has zstd from 22.15 on. */
function zstdIfThere(): readonly (readonly [string, Decode])[] {
  if (!('zstdDecompress' in zlib) || typeof zlib.zstdDecompress !== 'function') return [];
  return [['zstd', promisify(zlib.zstdDecompress as typeof zlib.gunzip)]];
}
