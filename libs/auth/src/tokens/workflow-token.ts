import { randomUUID } from 'node:crypto';
import { type Workflow, type WorkflowToken } from '@app/persistence';
import { hashOf, newSecretText } from './secret-text.js';

const PREFIX = 'bfw_';
const PREFIX_CHARS_SHOWN = 10;

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
 * Whether this is the hash of a token of the workflow at this moment. The hashes are compared as texts:
 * how long that takes says where two hashes differ, which does not help to find a token for either. It
 * takes a microsecond for `WORKFLOW_TOKENS_MAX` of them, so that their number can't be told by the time,
 * as it could by a comparison in constant time of each.
 */
export function isTokenOf(workflow: Workflow | undefined, hash: string, now: number): boolean {
  const tokens = workflow?.tokens ?? [];
  return tokens.some(
    (token) => token.hash === hash && (token.expiresAt === undefined || now < token.expiresAt),
  );
}
