import { type IncomingMessage } from 'node:http';
import { BodyTooLargeError, RequestAbortedError } from '../errors.js';
import { type FlowError } from '@app/errors';
import { type BodyReservation } from './body-reservation.js';

/**
 * Checks the beginning of a body before the rest is read. It returns undefined to be called again with more bytes, or
 * a promise: reading pauses until it settles, and fails with its error if it is rejected.
 */
export type Judge = (beginning: Buffer) => Promise<unknown> | undefined;

export interface Collecting {
  readonly bytesMax: number;
  readonly reservation?: BodyReservation;
  readonly judge?: Judge | undefined;
}

/** Bytes at which the judge is called first. A smaller body is read to its end without a call. */
const JUDGED_BYTES_MIN = 16 * 1024;

/** Bytes beyond which the judge is not called. The bytes at least double from call to call, because each call copies. */
const JUDGED_BYTES_MAX = 256 * 1024;

/** Requests that were refused while their body was on its way. */
const refused = new WeakMap<IncomingMessage, FlowError>();

/** Call it when a request is refused before its body is complete, such as with 408. */
export function refuse(request: IncomingMessage, error: FlowError): void {
  refused.set(request, error);
}

/** Why a request must not be carried out, although the rest of its body came after all; undefined if it may. */
export function refusalOf(request: IncomingMessage): FlowError | undefined {
  return refused.get(request);
}

/**
 * Reads a body to its end.
 *
 * @throws BodyTooLargeError, TooManyBytesInFlightError, RequestAbortedError, and the error of the judge
 */
export function collectBody(raw: IncomingMessage, collecting: Collecting): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const { bytesMax, reservation, judge } = collecting;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let judgedAt = judge === undefined ? Number.POSITIVE_INFINITY : JUDGED_BYTES_MIN;

    const settle = (): void => {
      raw.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    };
    const fail = (error: Error): void => {
      settle();
      reject(error);
    };
    const look = (): void => {
      judgedAt = bytes * 2 > JUDGED_BYTES_MAX ? Number.POSITIVE_INFINITY : bytes * 2;
      const verdict = judge?.(Buffer.concat(chunks, bytes));
      if (verdict === undefined) return;
      judgedAt = Number.POSITIVE_INFINITY;
      raw.pause();
      verdict.then(() => raw.resume(), fail);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      try {
        if (bytes > bytesMax) throw new BodyTooLargeError(bytesMax);
        reservation?.growTo(bytes);
      } catch (error) {
        fail(error as Error);
        return;
      }
      chunks.push(chunk);
      if (bytes >= judgedAt && !raw.complete) look();
    };
    const onEnd = (): void => {
      settle();
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes));
    };
    const onGone = (): void => {
      // An unhandled error of the stream would end the process.
      raw.on('error', () => undefined);
      fail(new RequestAbortedError());
    };
    if (raw.destroyed) {
      onGone();
      return;
    }
    raw.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}
