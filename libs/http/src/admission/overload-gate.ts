import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type FlowError } from '@app/errors';
import { closeIfBodyUnread } from '../body/unread-body.js';
import { ServerOverloadedError, TooManyInFlightError } from '../errors.js';
import { bytesOf, PROBLEM_CONTENT_TYPE, problemOf } from '../problem/problem-of.js';
import { type InFlightLimit } from './in-flight-limit.js';
import { type LoopDelay } from './loop-delay.js';

/** A handler of requests, as Node's server calls it. */
export type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** How much work there is. */
export interface Load {
  readonly inFlight: InFlightLimit<object>;
  readonly loopDelay: LoopDelay;
}

/** A prebuilt answer, so that it costs almost nothing. */
interface Rejection {
  readonly code: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

const OVERLOADED = rejectionOf(new ServerOverloadedError());
const TOO_MANY_IN_FLIGHT = rejectionOf(new TooManyInFlightError());

/**
 * Refuses requests while the process is overloaded. It stands before the framework: a refusal that costs as much as
 * serving would keep an overloaded process from its work.
 *
 * @param refused called for each
 */
export function gateBefore(
  serve: Serve,
  { inFlight, loopDelay }: Load,
  refused: (code: string, status: number, request: IncomingMessage) => void,
): Serve {
  return (request, response) => {
    const rejection = loopDelay.isLong
      ? OVERLOADED
      : inFlight.isFull
        ? TOO_MANY_IN_FLIGHT
        : undefined;
    if (rejection === undefined) {
      serve(request, response);
      return;
    }
    closeIfBodyUnread(request, response);
    response.writeHead(rejection.status, rejection.headers).end(rejection.bytes);
    refused(rejection.code, rejection.status, request);
  };
}

function rejectionOf(error: FlowError): Rejection {
  const { status, headers, body } = problemOf(error);
  const bytes = bytesOf(body);
  return {
    code: error.code,
    status,
    headers: {
      ...headers,
      'Content-Type': PROBLEM_CONTENT_TYPE,
      'Content-Length': String(bytes.length),
      // The URL, which is not parsed yet, may contain a token (RFC 6750, section 2.3).
      'Cache-Control': 'private',
    },
    bytes,
  };
}
