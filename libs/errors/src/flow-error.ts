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
  /** Everything that is wrong, when it is more than the message says. */
  readonly problems?: readonly Problem[];
  /** When the same request may succeed, in whole seconds; for `transient` and `overloaded`. */
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
