import { assertNever, type ErrorKind, FlowError } from '@app/errors';

/** What becomes of a message whose handler failed. */
export type Acknowledgement =
  { readonly do: 'dead-letter' } | { readonly do: 'nak'; readonly delayMs: number };

export interface RedeliveryPolicy {
  /** A message that failed on this delivery is given up. From 1. */
  readonly deliveriesMax: number;
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
}

/**
 * Decides by the kind of error. What no repetition can put right is given up at once. All else,
 * and any error we did not raise on purpose, is tried again: giving it up would lose a good
 * message to our own bug.
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
 * Of whoever has too much to do. What is away says for senders when to come again; nobody takes messages
 * meanwhile, and the moment that it is back they are wanted.
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
    // Somebody else wrote first: the next attempt sees what they wrote.
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
