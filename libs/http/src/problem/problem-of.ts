import { STATUS_CODES } from 'node:http';
import { type ErrorKind, type FlowError } from '@app/errors';
import type { ProblemDetails } from '@flow-eventing/events';
import {
  BodyCompressedError,
  InternalError,
  MethodNotAllowedError,
  HttpStatusError,
} from '../errors.js';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemDetails;
}

const MAY_PASS: readonly ErrorKind[] = ['transient', 'overloaded', 'rate-limited'];

/** The `Retry-After` of a transient error that does not name one, in seconds. */
const RETRY_AFTER_SECONDS = 5;

/** The problem details of an error. Two defects differ only in their `instance`. */
export function problemOf(raised: FlowError, instance?: string): ProblemAnswer {
  const error = raised.kind === 'defect' ? new InternalError() : raised;
  const status = statusOf(error);
  return {
    status,
    headers: headersOf(error),
    body: {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail: error.message,
      code: error.code,
      ...(error.problems.length > 0 && { errors: error.problems }),
      ...(instance !== undefined && { instance }),
    },
  };
}

/** As bytes: to a text Fastify would add a `charset`, which this media type does not have. */
export function bytesOf(body: ProblemDetails): Buffer {
  return Buffer.from(JSON.stringify(body));
}

function headersOf(error: FlowError): Readonly<Record<string, string>> {
  if (error instanceof MethodNotAllowedError) return { Allow: error.allowed.join(', ') };
  if (error.kind === 'unauthenticated') return { 'WWW-Authenticate': 'Bearer' };
  if (error instanceof BodyCompressedError) return { 'Accept-Encoding': 'identity' };
  if (!MAY_PASS.includes(error.kind)) return {};
  return { 'Retry-After': String(error.retryAfterSeconds ?? RETRY_AFTER_SECONDS) };
}

/** The one place where a kind of error becomes an HTTP status. */
const STATUS_BY_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  timeout: 408,
  conflict: 409,
  gone: 410,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-media-type': 415,
  'precondition-required': 428,
  'rate-limited': 429,
  defect: 500,
  overloaded: 503,
  transient: 503,
};

export function statusOf(error: FlowError): number {
  return error instanceof HttpStatusError ? error.status : STATUS_BY_KIND[error.kind];
}
