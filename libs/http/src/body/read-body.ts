import { type IncomingMessage } from 'node:http';
import { type FastifyRequest } from 'fastify';
import { BodyCompressedError, BodyTooLargeError, RequestAbortedError } from '../errors.js';
import { sendContinue } from './expect-continue.js';

export interface BodyLimit {
  readonly bytesMax: number;
}

/**
 * Reads the body of a request on a server with `bodies: 'unread'`; empty when there is none. Call it
 * once, after the request has been authorized.
 *
 * @throws BodyCompressedError
 * @throws BodyTooLargeError if it says that it is larger than `bytesMax`, or as soon as it is
 * @throws RequestAbortedError if the client is gone before its end
 */
export async function readBody({ raw }: FastifyRequest, { bytesMax }: BodyLimit): Promise<Buffer> {
  const encoding = raw.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new BodyCompressedError();
  }
  if (Number(raw.headers['content-length'] ?? 0) > bytesMax) throw new BodyTooLargeError(bytesMax);
  if (!hasBody(raw)) return Buffer.alloc(0);
  sendContinue(raw);
  return collect(raw, bytesMax);
}

/** RFC 9112, section 6.3: a request has a body if a length or an encoding says so. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) > 0);
}

function collect(raw: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (): void => {
      raw.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        settle();
        reject(new BodyTooLargeError(bytesMax));
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = (): void => {
      settle();
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes));
    };
    const onGone = (): void => {
      settle();
      // A stream that fails later on, unheard, would end the process.
      raw.on('error', () => undefined);
      reject(new RequestAbortedError());
    };
    if (raw.destroyed) {
      onGone();
      return;
    }
    raw.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}
