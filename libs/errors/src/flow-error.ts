import type { Problem } from '@flow-eventing/events';

export type { Problem };

/**
 * What a caller may do about an error. The edges map this to an HTTP status (`@app/http`) or to a
 * JetStream acknowledgement (`@app/messaging`); nothing below an edge knows either protocol.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'gone'
  | 'conflict'
  | 'precondition-failed'
  | 'precondition-required'
  | 'too-large'
  | 'unsupported-media-type'
  | 'timeout'
  | 'rate-limited'
  | 'overloaded'
  | 'transient'
  | 'defect';

export interface FlowErrorOptions extends ErrorOptions {
  /** All problems, if there are more than the message says. */
  readonly problems?: readonly Problem[];
  /** After how many whole seconds the same request may succeed; for `transient`, `overloaded` and `rate-limited`. */
  readonly retryAfterSeconds?: number;
}

/** Base of every error raised on purpose. Codes are stable and in docs/errors.md; messages are prose. */
export abstract class FlowError extends Error {
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;

  readonly problems: readonly Problem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: FlowErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.problems = options.problems ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
