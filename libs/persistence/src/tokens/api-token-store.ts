export const API_TOKEN_ROLES = ['administrator', 'operator', 'approver', 'viewer'] as const;

/** What a person may be to the API, the most first. */
export type ApiTokenRole = (typeof API_TOKEN_ROLES)[number];

/** To which workflows a token extends: by their ids, or by labels that they all have; absent for all. */
export interface ApiTokenScope {
  readonly workflows?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** The stored form of a person's token of the API. */
export interface ApiToken {
  readonly id: string;
  /** Whose it is; no two tokens have the same. */
  readonly label: string;
  readonly role: ApiTokenRole;
  /** Whom approvals ask for by a name. */
  readonly groups: readonly string[];
  readonly scope?: ApiTokenScope;
  /** SHA-256 of the text, 64 hex digits. */
  readonly hash: string;
  readonly createdAt: number;
  /** Milliseconds since 1970; without it the token does not expire. */
  readonly expiresAt?: number;
}

/** How many there may be. As many more as are added at the same moment are not refused. */
export const API_TOKENS_MAX = 500;

/** Tokens of people. They stand apart from `GlobalTokenStore`, each of whose tokens opens everything. */
export abstract class ApiTokenStore {
  /** @throws ApiTokenExistsError when the label is taken, ApiTokensFullError when there are `API_TOKENS_MAX` */
  abstract add(token: ApiToken): Promise<void>;

  /** @throws ApiTokenNotFoundError */
  abstract remove(id: string): Promise<void>;

  /** By their labels. */
  abstract list(): Promise<readonly ApiToken[]>;

  abstract findByHash(hash: string): Promise<ApiToken | undefined>;
}
