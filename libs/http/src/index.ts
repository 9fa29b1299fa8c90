export { bodyValidation, problemsIn } from './body/body-validation.js';
export { IfGiven } from './body/if-given.js';
export { BodyHold } from './body/body-hold.js';
export { ByteBudget } from './body/byte-budget.js';
export { type Judge } from './body/collect-body.js';
export { declaredBytes, hasBody, readBody, type BodyLimit } from './body/read-body.js';
export {
  BodyInvalidError,
  BodyTooLargeError,
  CredentialsAmbiguousError,
  HeadersTooLargeError,
  InternalError,
  MediaTypeUnsupportedError,
  MethodNotAllowedError,
  RateLimitedError,
  RequestAbortedError,
  RequestMalformedError,
  RequestTimeoutError,
  RouteNotFoundError,
  TooManyBytesInFlightError,
  TooManyInFlightError,
  UrlTooLongError,
} from './errors.js';
export {
  PROBLEM_CONTENT_TYPE,
  problemOf,
  type ProblemAnswer,
  type ProblemDetails,
} from './problem/problem-of.js';
export { ProblemFilter } from './problem/problem.filter.js';
export { statusOf } from './problem/status-of.js';
export { createFastifyAdapter, type FlowFastifyAdapter } from './server/flow-fastify-adapter.js';
export { HTTP_DEFAULTS, type HttpOptions } from './server/http-options.js';
