import { type ErrorKind, FlowError, type FlowErrorOptions, type Problem } from '@app/errors';

/** An error of the protocol, with a status of its own instead of that of its kind. */
export abstract class HttpStatusError extends FlowError {
  abstract readonly status: number;
  override readonly kind: ErrorKind = 'invalid';
}

/** Bytes that are not HTTP/1.1, a wrong number of `Host` headers, a URL that can't be decoded, CONNECT. */
export class RequestMalformedError extends FlowError {
  readonly code = 'REQUEST_MALFORMED';
  readonly kind = 'invalid';
}

/** The request has more than one credential. To choose one would be a guess that an attacker could exploit. */
export class CredentialsAmbiguousError extends FlowError {
  readonly code = 'CREDENTIALS_AMBIGUOUS';
  readonly kind = 'unauthenticated';

  constructor() {
    super(
      'The request has more than one credential; send one header: Authorization: Bearer <token>',
    );
  }
}

export class RouteNotFoundError extends FlowError {
  readonly code = 'ROUTE_NOT_FOUND';
  readonly kind = 'not-found';

  constructor() {
    super(
      'This path does not exist here; docs/api.md lists the paths of the listener (events, webhooks), of the executor (the API) and for operators',
    );
  }
}

export class MethodNotAllowedError extends HttpStatusError {
  readonly code = 'METHOD_NOT_ALLOWED';
  readonly status = 405;

  constructor(readonly allowed: readonly string[]) {
    super(`This path accepts only ${allowed.join(', ')}`);
  }
}

/** The request line and headers are larger than `headerBytesMax`. */
export class HeadersTooLargeError extends HttpStatusError {
  readonly code = 'HEADERS_TOO_LARGE';
  readonly status = 431;

  constructor() {
    super('The headers are too large (HEADER_BYTES_MAX); send fewer or shorter ones');
  }
}

export class UrlTooLongError extends HttpStatusError {
  readonly code = 'URL_TOO_LONG';
  readonly status = 414;

  constructor() {
    super('A segment of the path is too long; shorten it');
  }
}

/** The header `Expect` asks for anything but `100-continue` (RFC 9110, section 10.1.1). */
export class ExpectationFailedError extends HttpStatusError {
  readonly code = 'EXPECTATION_FAILED';
  readonly status = 417;

  constructor() {
    super('Of what "Expect" may ask for, only "100-continue" is supported; leave the header out');
  }
}

/** Headers or body did not arrive in time. */
export class RequestTimeoutError extends FlowError {
  readonly code = 'REQUEST_TIMEOUT';
  readonly kind = 'timeout';

  constructor() {
    super('The request did not arrive in time (HEADERS_MS_MAX, REQUEST_MS_MAX); send it again');
  }
}

/** The client closed the connection before its body was complete, so no answer reaches it. */
export class RequestAbortedError extends FlowError {
  readonly code = 'REQUEST_ABORTED';
  readonly kind = 'invalid';

  constructor() {
    super('The connection was closed before the body was complete');
  }
}

export class BodyTooLargeError extends FlowError {
  readonly code = 'BODY_TOO_LARGE';
  readonly kind = 'too-large';

  constructor(readonly bytesMax: number) {
    super(`The body is larger than ${bytesMax} bytes, the most that are accepted; send less`);
  }
}

export class MediaTypeUnsupportedError extends FlowError {
  readonly code = 'MEDIA_TYPE_UNSUPPORTED';
  readonly kind = 'unsupported-media-type';

  constructor(
    message = 'This content type is not supported here; send the body as application/json, or a workflow as application/yaml',
  ) {
    super(message);
  }
}

/** Decompressed, a small body can be of any size. */
export class BodyCompressedError extends MediaTypeUnsupportedError {
  constructor() {
    super('Compressed bodies are not supported; send the body without Content-Encoding');
  }
}

/** A body or a query is invalid; `problems` lists the faults. */
export class BodyInvalidError extends FlowError {
  readonly code = 'BODY_INVALID';
  readonly kind = 'invalid';

  constructor(message: string, problems: readonly Problem[] = [], options: ErrorOptions = {}) {
    super(message, { ...options, problems });
  }
}

export class RateLimitedError extends FlowError {
  readonly code = 'RATE_LIMITED';
  readonly kind = 'rate-limited';

  /** @param of the exhausted limit: that of the `address` or of the `token` */
  constructor(retryAfterSeconds: number, of: string) {
    super(`Too many requests from this ${of}; wait and try again`, { retryAfterSeconds });
  }
}

export class TooManyInFlightError extends FlowError {
  readonly code = 'TOO_MANY_IN_FLIGHT';
  readonly kind = 'overloaded';

  constructor() {
    super('Too many requests are in progress; try again', {
      retryAfterSeconds: 1,
    });
  }
}

/** The bodies in memory take all bytes of their budget. The request was not processed. */
export class TooManyBytesInFlightError extends FlowError {
  readonly code = 'TOO_MANY_BYTES_IN_FLIGHT';
  readonly kind = 'overloaded';

  constructor() {
    super('The bodies of the requests in progress take too many bytes; try again', {
      retryAfterSeconds: 1,
    });
  }
}

/** The event loop is late: requests come faster than this process can serve them. */
export class ServerOverloadedError extends FlowError {
  readonly code = 'SERVER_OVERLOADED';
  readonly kind = 'overloaded';

  constructor() {
    super('The server is overloaded; try again', { retryAfterSeconds: 1 });
  }
}

/** An unexpected error. Its cause is in the log, never in the answer. */
export class InternalError extends FlowError {
  readonly code = 'INTERNAL';
  readonly kind = 'defect';

  constructor(options: FlowErrorOptions = {}) {
    super('An internal error occurred; the log has the details under this instance', options);
  }
}
