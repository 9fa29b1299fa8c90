export interface FailureOptions extends ErrorOptions {
  /** Written `LIKE_THIS`, 100 characters at most. Retry policies and the API show and use it. Default: `WORKER_FAILED`. */
  readonly code?: string;
  /** True: the attempt had no effect outside, so the next one gets a new idempotency key. Default: false. */
  readonly outcomeKnown?: boolean;
  /** Results of the failed attempt, to which later tasks may refer. */
  readonly results?: object;
}

/** The codes that Flow Eventing accepts. */
const CODE = /^[A-Z][A-Z0-9_]{0,99}$/;
/** The code of a failure that replaces results, or another code, that Flow Eventing would not accept. */
export const RESULTS_INVALID = 'WORKER_RESULTS_INVALID';

/** Flow Eventing keeps this many characters of a failure's message. */
export const MESSAGE_CHARS_MAX = 1_000;

/** The base of the errors by which a handler says how its attempt failed. */
abstract class TaskError extends Error {
  abstract readonly retryable: boolean;
  readonly code: string;
  readonly outcomeKnown: boolean;
  readonly results: object | undefined;

  constructor(message: string, options: FailureOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.code = options.code ?? 'WORKER_FAILED';
    this.outcomeKnown = options.outcomeKnown ?? false;
    this.results = options.results;
  }
}

/**
 * The attempt failed, and another one may succeed; the `retry` of the task says whether there is one. Any error of
 * another class counts as this one.
 */
export class RetryableError extends TaskError {
  readonly retryable = true;
  /** The shortest time until the next attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: FailureOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** No attempt can succeed: the task fails, whatever its `retry` says. */
export class TerminalError extends TaskError {
  readonly retryable = false;
}

/** The data of the answer to a thrown value. An invalid code becomes a part of the message. */
export function failureOf(thrown: unknown): Readonly<Record<string, unknown>> {
  const known = thrown instanceof RetryableError || thrown instanceof TerminalError;
  if (!known) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const cut = message.slice(0, MESSAGE_CHARS_MAX);
    return { code: 'WORKER_FAILED', message: cut, retryable: true, outcomeKnown: false };
  }
  const { code, retryable, outcomeKnown, results } = thrown;
  const isCode = CODE.test(code);
  const message = isCode
    ? thrown.message
    : `The code ${JSON.stringify(code)} is not LIKE_THIS, of 100 characters at most: ${thrown.message}`;
  const retryAfterMs = thrown instanceof RetryableError ? thrown.retryAfterMs : undefined;
  return {
    code: isCode ? code : RESULTS_INVALID,
    ...{ message: message.slice(0, MESSAGE_CHARS_MAX), retryable, outcomeKnown },
    ...(results !== undefined && { results }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
