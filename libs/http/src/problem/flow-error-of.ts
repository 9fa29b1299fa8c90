import { FlowError } from '@app/errors';
import { HttpException } from '@nestjs/common';
import {
  BodyInvalidError,
  BodyTooLargeError,
  InternalError,
  MediaTypeUnsupportedError,
  RequestMalformedError,
  RequestTimeoutError,
  RouteNotFoundError,
  UrlTooLongError,
} from '../errors.js';

/**
 * Any error as a `FlowError`. Errors of Nest and Fastify about a request have no codes of ours, so their status tells
 * the code; everything else is an internal error.
 */
export function flowErrorOf(error: unknown, bodyBytesMax: number): FlowError {
  if (error instanceof FlowError) return error;
  const status = statusIn(error) ?? 500;
  switch (status) {
    case 404:
      return new RouteNotFoundError();
    case 408:
      return new RequestTimeoutError();
    case 413:
      return new BodyTooLargeError(bodyBytesMax);
    case 414:
      return new UrlTooLongError();
    case 415:
      return new MediaTypeUnsupportedError();
    case 422:
      return new BodyInvalidError('The body is not valid', [], { cause: error });
    default:
      return status >= 400 && status < 500
        ? new RequestMalformedError('The request is malformed', { cause: error })
        : new InternalError({ cause: error });
  }
}

function statusIn(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
