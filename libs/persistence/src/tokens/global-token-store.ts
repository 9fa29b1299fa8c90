/** The stored form of the administrator's token. */
export interface GlobalToken {
  readonly id: string;
  /** SHA-256 of the text, 64 hex digits. */
  readonly hash: string;
  readonly createdAt: number;
}

/** Tokens of global scope: who holds one may administer everything. */
export abstract class GlobalTokenStore {
  /** True for the one caller, of however many at once, whose token is now the first. */
  abstract addFirst(token: GlobalToken): Promise<boolean>;

  abstract list(): Promise<readonly GlobalToken[]>;
}
