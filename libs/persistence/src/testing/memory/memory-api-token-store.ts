import { ApiTokenExistsError, ApiTokenNotFoundError, ApiTokensFullError } from '../../errors.js';
import { API_TOKENS_MAX, type ApiToken, ApiTokenStore } from '../../tokens/api-token-store.js';
import { Outage } from './outage.js';

/** The contract of `ApiTokenStore` in memory. */
export class MemoryApiTokenStore extends ApiTokenStore {
  readonly outage = new Outage();
  readonly #byLabel = new Map<string, ApiToken>();

  /** @param clock stands for MongoDB's clock; milliseconds since 1970 */
  constructor(private readonly clock: () => number = Date.now) {
    super();
  }

  override async add(token: ApiToken): Promise<void> {
    this.outage.check('add a token of the API');
    const now = this.clock();
    for (const { label, expiresAt = Infinity } of this.#byLabel.values()) {
      if (expiresAt <= now) this.#byLabel.delete(label);
    }
    if (this.#byLabel.size >= API_TOKENS_MAX) throw new ApiTokensFullError(API_TOKENS_MAX);
    const stored = this.#byLabel.get(token.label) ?? token;
    if (stored.id !== token.id) throw new ApiTokenExistsError(token.label);
    this.#byLabel.set(token.label, token);
  }

  override async remove(id: string): Promise<void> {
    this.outage.check('remove a token of the API');
    const found = [...this.#byLabel.values()].find((token) => token.id === id);
    if (!found) throw new ApiTokenNotFoundError(id);
    this.#byLabel.delete(found.label);
  }

  override async list(): Promise<readonly ApiToken[]> {
    this.outage.check('list the tokens of the API');
    return [...this.#byLabel.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
  }

  override async findByHash(hash: string): Promise<ApiToken | undefined> {
    this.outage.check('find a token of the API');
    return [...this.#byLabel.values()].find((token) => token.hash === hash);
  }
}
