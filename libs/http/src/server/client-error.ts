import { type Socket } from 'node:net';
import { type FlowError } from '@app/errors';
import { HeadersTooLargeError, RequestMalformedError, RequestTimeoutError } from '../errors.js';
import { PROBLEM_CONTENT_TYPE, problemOf } from '../problem/problem-of.js';
import { closeLingering } from '../body/unread-body.js';

/**
 * Answers a request that Node could not parse: too slow, too large, or not HTTP. There is no reply object yet, so the
 * response is written by hand; then the connection is closed.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) {
    socket.destroy();
    return;
  }
  // Node reports every further chunk of such a request; the first one was answered.
  if (!socket.writable) return;
  socket.write(responseTo(flowErrorFor(error.code)));
  closeLingering(socket);
}

function flowErrorFor(code: string | undefined): FlowError {
  switch (code ?? '') {
    case 'HPE_HEADER_OVERFLOW':
      return new HeadersTooLargeError();
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestTimeoutError();
    default:
      return new RequestMalformedError('This is not a well-formed HTTP/1.1 request');
  }
}

function responseTo(error: FlowError): string {
  const { status, body } = problemOf(error);
  const text = JSON.stringify(body);
  return [
    `HTTP/1.1 ${status} ${body.title}`,
    `Content-Type: ${PROBLEM_CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    `Date: ${new Date().toUTCString()}`,
    'Connection: close',
    '',
    text,
  ].join('\r\n');
}
