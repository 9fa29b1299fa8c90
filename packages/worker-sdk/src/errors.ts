export interface FailureOptions extends ErrorOptions {
  /** `LIKE_THIS`; a retry policy and whoever reads the run go by it. `WORKER_FAILED` unless it is given. */
  readonly code?: string;
  /** True says that nothing happened outside: then the next attempt has a new idempotency key. */
  readonly outcomeKnown?: boolean;
  /** What is known of it all the same; later tasks may refer to it. */
  readonly results?: object;
}

/** What Flow Eventing takes as a code. */
const CODE = /^[A-Z][A-Z0-9_]{0,99}$/;
/** What is to be sent is nothing that Flow Eventing takes. */
export const RESULTS_INVALID = 'WORKER_RESULTS_INVALID';

/** What Flow Eventing keeps of a message. */
export const MESSAGE_CHARS_MAX = 1_000;

/** An attempt failed. Anything else that a handler throws counts as a `RetryableError`. */
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

/** Another attempt may do better; the task's `retry` says whether there is one. */
export class RetryableError extends TaskError {
  readonly retryable = true;
  /** Another attempt begins no sooner, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: FailureOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** No other attempt would do better: the task fails, whatever its `retry` says. */
export class TerminalError extends TaskError {
  readonly retryable = false;
}

/** What a worker answers for what its handler threw; a code that nobody takes is told in the message. */
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
