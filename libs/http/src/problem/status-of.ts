import { type ErrorKind, type FlowError } from '@app/errors';
import { HttpStatusError } from '../errors.js';

/** The one place where a kind of error becomes an HTTP status. */
const STATUS_BY_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  timeout: 408,
  conflict: 409,
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
