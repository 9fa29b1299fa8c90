import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { type FlowError } from '@app/errors';
import { HeadersTooLargeError, RequestMalformedError, RequestTimeoutError } from '../errors.js';
import { PROBLEM_CONTENT_TYPE, problemOf } from '../problem/problem-of.js';
import { refuse } from '../body/collect-body.js';
import { closeLingering } from '../body/unread-body.js';

/** Node keeps here the response whose turn it is on the connection; those of later requests wait for it. */
interface HttpSocket extends Socket {
  readonly _httpMessage?: ServerResponse | null;
}

/** Connections with a request that could not be parsed: Node reports every further chunk of it. */
const reported = new WeakSet<Socket>();

/** The response to the last request of each connection: the only one whose body may be on its way. */
const lastResponses = new WeakMap<Socket, ServerResponse>();

/** Call it with each request, so that the one is known whose body is on its way. */
export function rememberLast({ socket }: IncomingMessage, response: ServerResponse): void {
  // The response itself has no connection yet while it waits for its turn.
  lastResponses.set(socket, response);
}

/**
 * Answers a request that Node could not parse: too slow, too large, or not HTTP. There is no reply object yet, so the
 * response is written by hand; then the connection is closed. Requests before it are answered first (RFC 9112, section
 * 9.3.2): the sender of an event that was taken would otherwise read 400.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) {
    socket.destroy();
    return;
  }
  if (reported.has(socket)) return;
  reported.add(socket);
  const refusal = flowErrorFor(error.code);
  const last = lastResponses.get(socket);
  const unfinished = last?.req.complete === false ? last : undefined;
  if (unfinished) refuse(unfinished.req, refusal);
  answerInTurn(responseTo(refusal), socket, unfinished);
}

/**
 * Answers CONNECT, which asks a proxy for a tunnel. Node would close the connection without an answer. It has let go of
 * the connection, so what still comes is dropped here.
 */
export function answerConnect(_request: IncomingMessage, socket: Socket): void {
  socket.on('error', () => undefined).resume();
  const error = new RequestMalformedError('This server is no proxy: CONNECT is not supported');
  answerInTurn(responseTo(error), socket);
}

/** @param unfinished the response to the request that is refused, if its head was read: it may have an answer already */
function answerInTurn(text: string, socket: HttpSocket, unfinished?: ServerResponse): void {
  // One of the answers before closes the connection.
  if (!socket.writable) return;
  const before = socket._httpMessage;
  // A request that came in part is the one that is wrong, so this is its answer, unless it has one.
  if (before && (before.req.complete || before.headersSent)) {
    before.once('close', () => {
      answerInTurn(text, socket, unfinished);
    });
    return;
  }
  if (unfinished?.headersSent !== true) socket.write(text);
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
