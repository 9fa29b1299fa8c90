export const API_TOKEN_ROLES = ['administrator', 'operator', 'approver', 'viewer'] as const;

/** The roles of people in the API, the most powerful first. */
export type ApiTokenRole = (typeof API_TOKEN_ROLES)[number];

/** The workflows that a token is valid for: by their ids, or by labels that they all have; absent for all. */
export interface ApiTokenScope {
  readonly workflows?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** The stored form of a person's token of the API. */
export interface ApiToken {
  readonly id: string;
  /** The label of the token's owner, unique among tokens. */
  readonly label: string;
  readonly role: ApiTokenRole;
  /** The groups of the owner, which approvals name. */
  readonly groups: readonly string[];
  readonly scope?: ApiTokenScope;
  /** SHA-256 of the text, 64 hex digits. */
  readonly hash: string;
  readonly createdAt: number;
  /** Milliseconds since 1970; without it the token does not expire. */
  readonly expiresAt?: number;
}

/** The most tokens. Tokens that are added at the same moment may exceed it. */
export const API_TOKENS_MAX = 500;

/** Tokens of people. `GlobalTokenStore` has the tokens that allow everything. */
export abstract class ApiTokenStore {
  /**
   * Removes the tokens that have expired by MongoDB's clock first: they count no more, and their labels are free.
   * @throws ApiTokenExistsError when the label is taken, ApiTokensFullError when there are `API_TOKENS_MAX`
   */
  abstract add(token: ApiToken): Promise<void>;

  /** @throws ApiTokenNotFoundError */
  abstract remove(id: string): Promise<void>;

  /** All tokens, ordered by label. */
  abstract list(): Promise<readonly ApiToken[]>;

  abstract findByHash(hash: string): Promise<ApiToken | undefined>;
}
