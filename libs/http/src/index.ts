export { bodyValidation, problemsIn, IfGiven } from './body/body-validation.js';
export { BodyReservation } from './body/body-reservation.js';
export { ByteBudget } from './body/byte-budget.js';
export { type Judge } from './body/collect-body.js';
export { declaredBytes, hasBody, readBody } from './body/read-body.js';
export {
  BodyInvalidError,
  BodyTooLargeError,
  MediaTypeUnsupportedError,
  RouteNotFoundError,
  TooManyBytesInFlightError,
} from './errors.js';
export { problemOf, statusOf } from './problem/problem-of.js';
export { ProblemFilter } from './problem/problem.filter.js';
export { createFastifyAdapter } from './server/flow-fastify-adapter.js';
export { HTTP_DEFAULTS, type HttpOptions } from './server/http-options.js';
