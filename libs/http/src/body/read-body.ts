import { type IncomingMessage } from 'node:http';
import { type FastifyRequest } from 'fastify';
import { BodyCompressedError, BodyTooLargeError } from '../errors.js';
import { type BodyHold } from './body-hold.js';
import { collectBody, type Judge } from './collect-body.js';
import { sendContinue } from './expect-continue.js';

export interface BodyLimit {
  readonly bytesMax: number;
  /** Holds the bytes of the body from when they come; its maker releases it. */
  readonly hold?: BodyHold;
  /** Is shown the beginning of a large body while the rest is still to come. */
  readonly judge?: Judge | undefined;
}

/**
 * Reads the body of a request on a server with `bodies: 'unread'`; empty when there is none. Call it
 * once, after the request has been authorized, or with a hold on a small budget.
 *
 * @throws BodyCompressedError
 * @throws BodyTooLargeError if it says that it is larger than `bytesMax`, or as soon as it is
 * @throws TooManyBytesInFlightError as soon as there is no room for what comes
 * @throws RequestAbortedError if the client is gone before its end
 */
export async function readBody({ raw }: FastifyRequest, limit: BodyLimit): Promise<Buffer> {
  const encoding = raw.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new BodyCompressedError();
  }
  if (declaredBytes(raw) > limit.bytesMax) throw new BodyTooLargeError(limit.bytesMax);
  if (!hasBody(raw)) return Buffer.alloc(0);
  sendContinue(raw);
  return collectBody(raw, limit);
}

/** The length that a request says its body has; 0 when it says none. */
export function declaredBytes({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0);
}

/** RFC 9112, section 6.3: a request has a body if a length or an encoding says so. */
export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || declaredBytes(request) > 0;
}
