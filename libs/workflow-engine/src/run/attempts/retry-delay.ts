import { RETRY_DELAY_MS_MAX } from '../../bounds.js';
import { type RetryPolicy } from '../../definition/definition.js';

export interface FailedAttempt {
  readonly task: string;
  /** From 1. */
  readonly attempt: number;
  readonly startedAt: number;
  /** The delay that the callee asked for, in milliseconds. */
  readonly retryAfterMs?: number;
}

/**
 * The delay before the attempt after this one, in milliseconds. The jitter comes from a hash of the attempt, so that
 * a replay of the run gives the same instants, while runs that failed together spread. A longer delay that the callee
 * asked for is kept, up to `RETRY_DELAY_MS_MAX`.
 */
export function retryDelayMs(policy: RetryPolicy, failed: FailedAttempt): number {
  const { delayMs, delayMsMax } = delayOf(policy, failed.attempt);
  const share = hashShare(`${failed.task}:${failed.attempt}:${failed.startedAt}`);
  const spreadMs = delayMs * (1 + (policy.jitter ?? 0) * (2 * share - 1));
  const boundedMs = Math.min(Math.max(Math.round(spreadMs), 1), delayMsMax);
  return Math.max(boundedMs, Math.min(failed.retryAfterMs ?? 0, RETRY_DELAY_MS_MAX));
}

function delayOf(
  policy: RetryPolicy,
  attempt: number,
): { readonly delayMs: number; readonly delayMsMax: number } {
  if (policy.backoff === 'list') {
    const delayMs = policy.delaysMs[attempt - 1] ?? policy.delaysMs.at(-1) ?? 1;
    return { delayMs, delayMsMax: RETRY_DELAY_MS_MAX };
  }
  const { delayMsMax } = policy;
  const doublings = policy.backoff === 'exponential' ? attempt - 1 : 0;
  return { delayMs: Math.min(policy.delayMs * 2 ** doublings, delayMsMax), delayMsMax };
}

/** FNV-1a with a final mix, as a number from 0 up to 1. */
function hashShare(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
