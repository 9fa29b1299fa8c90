import { randomBytes } from 'node:crypto';

/** 72 random bits, so that no two processes that write to one database share a prefix. */
const OF_THIS_PROCESS = randomBytes(9).toString('base64url');
let count = 0;

/**
 * An id for one write. It is short, because it is sent, stored and replicated with each commit. It is a
 * counter behind a random prefix, because a random id for each write would cost more.
 */
export function nextCommitId(): string {
  count += 1;
  return OF_THIS_PROCESS + count.toString(36);
}
