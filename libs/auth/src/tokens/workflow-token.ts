import { randomUUID } from 'node:crypto';
import { type Workflow, type WorkflowToken } from '@app/persistence';
import { hashOf, isSameHash, newSecretText } from './secret-text.js';

const PREFIX = 'bfw_';
const PREFIX_CHARS_SHOWN = 10;

/** Compared with when there is no workflow, so that this takes as long as a wrong token. */
const NOBODYS_TOKEN = { hash: '0'.repeat(64), expiresAt: 0 };

export interface MintedToken {
  /** To be shown once. */
  readonly text: string;
  /** To be stored. */
  readonly token: WorkflowToken;
}

/** What a token of a workflow looks like: the prefix, and 256 bits in base64url. */
export const WORKFLOW_TOKEN = /^bfw_[A-Za-z0-9_-]{43}$/;

/**
 * @param expiresAt milliseconds since 1970; without it the token does not expire
 * @param text of a token that there is, which is given to one more workflow
 */
export function mintToken(
  label: string,
  now: number,
  expiresAt?: number,
  text = newSecretText(PREFIX),
): MintedToken {
  const token = {
    id: randomUUID(),
    label,
    prefix: text.slice(0, PREFIX_CHARS_SHOWN),
    hash: hashOf(text),
    createdAt: now,
  };
  return { text, token: expiresAt === undefined ? token : { ...token, expiresAt } };
}

/**
 * Whether this is the hash of a token of the workflow at this moment. All are compared, each in
 * constant time, whichever fits.
 */
export function isTokenOf(workflow: Workflow | undefined, hash: string, now: number): boolean {
  const tokens = workflow && workflow.tokens.length > 0 ? workflow.tokens : [NOBODYS_TOKEN];
  let fits = false;
  for (const token of tokens) {
    const same = isSameHash(token.hash, hash);
    const live = token.expiresAt === undefined || now < token.expiresAt;
    fits = (same && live) || fits;
  }
  return fits;
}
