import { randomBytes } from 'node:crypto';

/** 72 bits: no two processes that ever write to one database have the same. */
const OF_THIS_PROCESS = randomBytes(9).toString('base64url');
let count = 0;

/**
 * Of one write alone. Short, because it is sent, stored and replicated with each commit, and counted
 * instead of drawn, because that costs nothing.
 */
export function nextCommitId(): string {
  count += 1;
  return OF_THIS_PROCESS + count.toString(36);
}
