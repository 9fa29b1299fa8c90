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

/** The format of a token of a workflow: the prefix, and 256 bits in base64url. */
export const WORKFLOW_TOKEN = /^bfw_[A-Za-z0-9_-]{43}$/;

/**
 * @param expiresAt milliseconds since 1970; without it the token does not expire
 * @param text of an existing token, which is given to one more workflow
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
 * Whether this is the hash of a token that the workflow has now. Hashes are compared as plain texts: the time of the
 * comparison tells where two hashes differ, which does not help to find a token for either. For `WORKFLOW_TOKENS_MAX`
 * hashes that takes a microsecond, so the time does not reveal how many tokens there are, as it would with a
 * constant-time comparison of each.
 */
export function isTokenOf(workflow: Workflow | undefined, hash: string, now: number): boolean {
  const tokens = workflow?.tokens ?? [];
  return tokens.some(
    (token) => token.hash === hash && (token.expiresAt === undefined || now < token.expiresAt),
  );
}
