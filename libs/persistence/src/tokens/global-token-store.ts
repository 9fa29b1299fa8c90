/** The stored form of the administrator's token. */
export interface GlobalToken {
  readonly id: string;
  /** SHA-256 of the text, 64 hex digits. */
  readonly hash: string;
  readonly createdAt: number;
}

/** Tokens of global scope, each of which allows to administer everything. */
export abstract class GlobalTokenStore {
  /** Adds the first token. True for exactly one of any number of concurrent callers. */
  abstract addFirst(token: GlobalToken): Promise<boolean>;

  abstract list(): Promise<readonly GlobalToken[]>;
}
