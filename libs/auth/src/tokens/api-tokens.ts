import { randomUUID } from 'node:crypto';
import { comparableName } from '@app/errors';
import { type ApiToken, type ApiTokenStore } from '@app/persistence';
import { isRole, type Principal, type Scope } from '../principals/principal.js';
import { hashOf, newSecretText } from './secret-text.js';

const PREFIX = 'bfp_';
/** The format of a person's token: the store is asked for no other text. */
const API_TOKEN = /^bfp_[A-Za-z0-9_-]{43}$/;

export interface MintedApiToken {
  /** To be shown once. */
  readonly text: string;
  /** To be stored. */
  readonly token: ApiToken;
}

export function mintApiToken(
  facts: Omit<ApiToken, 'id' | 'hash' | 'createdAt'>,
  now: number,
): MintedApiToken {
  const text = newSecretText(PREFIX);
  return { text, token: { ...facts, id: randomUUID(), hash: hashOf(text), createdAt: now } };
}

/**
 * Finds the person that a token belongs to. Nothing is cached: a deleted token is refused from the next request on.
 */
export async function personWith(
  text: string,
  store: Pick<ApiTokenStore, 'findByHash'>,
  now: number,
): Promise<Principal | undefined> {
  if (!API_TOKEN.test(text)) return undefined;
  const token = await store.findByHash(hashOf(text));
  if (!token || (token.expiresAt !== undefined && token.expiresAt <= now)) return undefined;
  const { role, groups } = token;
  // A release before stored labels as they were written.
  const label = comparableName(token.label);
  // A role of a later release grants nothing in this one.
  return isRole(role) ? { label, role, groups, scope: scopeOf(token) } : undefined;
}

function scopeOf({ scope: { workflows, labels } = {} }: ApiToken): Scope {
  if (workflows) return { kind: 'workflows', ids: workflows };
  return labels ? { kind: 'labels', labels } : { kind: 'everything' };
}
