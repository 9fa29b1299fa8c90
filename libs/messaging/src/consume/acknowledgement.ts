import { assertNever, type ErrorKind, FlowError } from '@app/errors';

/** The answer to a message whose handler failed. */
export type Acknowledgement =
  { readonly do: 'dead-letter' } | { readonly do: 'nak'; readonly delayMs: number };

export interface RedeliveryPolicy {
  /** A message that fails on this delivery is given up. From 1. */
  readonly deliveriesMax: number;
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
}

/**
 * Decides by the kind of error. An error that no repetition can cure gives the message up at once. Every other error,
 * also one that was not raised on purpose, is tried again: giving up would lose a good message to a defect of ours.
 */
export function acknowledgementOf(
  error: unknown,
  deliveries: number,
  policy: RedeliveryPolicy,
): Acknowledgement {
  const lasting = error instanceof FlowError && isLasting(error.kind);
  if (lasting || deliveries >= policy.deliveriesMax) return { do: 'dead-letter' };
  return { do: 'nak', delayMs: Math.max(wantedMs(error), backoffMs(deliveries, policy)) };
}

/**
 * The delay that an overloaded service asks for, in milliseconds. The delay in the error of an unavailable store is
 * meant for HTTP senders and is not used here: consumers are paused during the outage and continue at its end.
 */
function wantedMs(error: unknown): number {
  const isBusy =
    error instanceof FlowError && (error.kind === 'overloaded' || error.kind === 'rate-limited');
  return isBusy ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
}

/** From `backoffBaseMs` after the first delivery, doubling up to the cap. */
function backoffMs(deliveries: number, policy: RedeliveryPolicy): number {
  return Math.min(policy.backoffBaseMs * 2 ** (deliveries - 1), policy.backoffCapMs);
}

function isLasting(kind: ErrorKind): boolean {
  switch (kind) {
    case 'invalid':
    case 'unauthenticated':
    case 'forbidden':
    case 'gone':
    case 'not-found':
    case 'too-large':
    case 'unsupported-media-type':
    case 'precondition-failed':
    case 'precondition-required':
      return true;
    // Another process wrote first: the next attempt reads what it wrote.
    case 'conflict':
    case 'rate-limited':
    case 'timeout':
    case 'overloaded':
    case 'transient':
    case 'defect':
      return false;
    default:
      return assertNever(kind, 'kind of error');
  }
}
