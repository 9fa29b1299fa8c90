import { type IncomingMessage } from 'node:http';
import { type FastifyRequest } from 'fastify';
import { BodyCompressedError, BodyTooLargeError } from '../errors.js';
import { type BodyReservation } from './body-reservation.js';
import { collectBody, type Judge, refusalOf } from './collect-body.js';
import { sendContinue } from './expect-continue.js';

export interface BodyLimit {
  readonly bytesMax: number;
  /** Counts the bytes of the body as they arrive. Its creator releases it. */
  readonly reservation?: BodyReservation;
  /** Checks the beginning of a large body before the rest is read. */
  readonly judge?: Judge | undefined;
}

/**
 * Reads the body of a request on a server with `bodies: 'unread'`; empty when there is none. Call it
 * once, after the request has been authorized, or with a reservation in a small budget.
 *
 * @throws BodyCompressedError
 * @throws BodyTooLargeError if its `Content-Length` exceeds `bytesMax`, or as soon as its bytes do
 * @throws TooManyBytesInFlightError as soon as `reservation` has no room for its bytes
 * @throws RequestTimeoutError if it was complete only after the sender was told 408
 * @throws RequestAbortedError if the client disconnects before its end
 */
export async function readBody({ raw }: FastifyRequest, limit: BodyLimit): Promise<Buffer> {
  const encoding = raw.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new BodyCompressedError();
  }
  if (declaredBytes(raw) > limit.bytesMax) throw new BodyTooLargeError(limit.bytesMax);
  if (!hasBody(raw)) return Buffer.alloc(0);
  sendContinue(raw);
  const body = await collectBody(raw, limit);
  const refusal = refusalOf(raw);
  if (refusal) throw refusal;
  return body;
}

/** The `Content-Length` of a request in bytes; 0 without one. */
export function declaredBytes({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0);
}

/** Whether a request has a body: it has a transfer encoding or a length above 0 (RFC 9112, section 6.3). */
export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || declaredBytes(request) > 0;
}
