import { FlowError } from '@app/errors';
import { FAILURE_CODES } from '@app/workflow-engine';
import {
  AddressRefusedError,
  ResponseOutOfBoundsError,
  ResponseTooLargeError,
  ResponseUnreadableError,
} from './errors.js';
import { ExchangeBrokenError } from './http-exchange.js';
import { type TaskOutcome } from '../task-handler.js';

export type FailedCall = Extract<TaskOutcome, { kind: 'failed' }>;

/** The errors of a body whose headers have arrived. */
const OF_THE_BODY = [ResponseOutOfBoundsError, ResponseTooLargeError, ResponseUnreadableError];

/** The outcome of a call without a usable answer from `origin`. */
export function outcomeOfError(error: unknown, origin: string, abort: AbortSignal): FailedCall {
  const refused = addressRefusedIn(error);
  if (refused) return failed(refused.code, refused.message, false);
  const isOfBody = OF_THE_BODY.some((kind) => error instanceof kind);
  if (isOfBody && error instanceof FlowError) return failed(error.code, error.message, false);
  const reached = error instanceof ExchangeBrokenError ? error.reached : 'sent';
  const isUnsent = reached !== 'sent';
  if (abort.aborted) {
    const message = `No answer from ${origin} within the task's timeout`;
    return failed(FAILURE_CODES.TASK_TIMEOUT, message, true, isUnsent);
  }
  const cause = error instanceof ExchangeBrokenError ? error.cause : error;
  const code = codeOf(cause);
  if (reached === 'tls') {
    return failed('HTTP_TLS_FAILED', `No TLS with ${origin}: ${reasonOf(cause)} (${code})`, false);
  }
  if (code.startsWith('HPE_')) {
    const message = `${origin} answered something that is not HTTP (${code})`;
    return failed('HTTP_RESPONSE_UNREADABLE', message, false, false);
  }
  const message = isUnsent
    ? `${origin} can't be reached (${code})`
    : `The connection to ${origin} was lost before the answer was complete (${code})`;
  return failed('HTTP_UNREACHABLE', message, true, isUnsent);
}

/** The outcome of a call whose parameters are invalid. */
export function impossible(why: string): FailedCall {
  return failed(FAILURE_CODES.PARAM_INVALID, `The call can't be made: ${why}`, false);
}

export function failed(
  code: string,
  message: string,
  retryable: boolean,
  outcomeKnown = true,
): FailedCall {
  return { kind: 'failed', code, message, retryable, outcomeKnown };
}

/** The error of the address guard, which a name look-up wraps. */
function addressRefusedIn(error: unknown): AddressRefusedError | undefined {
  if (error instanceof AddressRefusedError) return error;
  const { cause } = error instanceof ExchangeBrokenError ? error : { cause: undefined };
  return cause instanceof AddressRefusedError ? cause : undefined;
}

/** The reason of a TLS error: that of OpenSSL without its numbers, or Node's message about a certificate. */
function reasonOf(error: unknown): string {
  const { reason, message } = error as { readonly reason?: unknown; readonly message?: unknown };
  return typeof reason === 'string' ? reason : String(message).split('\n', 1).join();
}

/** Node's code of an error, or the error's name. */
function codeOf(error: unknown): string {
  const named = typeof error === 'object' && error !== null && 'code' in error;
  return named ? String(error.code) : 'unknown error';
}
