import { GlobalTokenStore, type GlobalToken } from '../../tokens/global-token-store.js';
import { Outage } from './outage.js';

/** The contract of `GlobalTokenStore` in memory. */
export class MemoryGlobalTokenStore extends GlobalTokenStore {
  readonly outage = new Outage();
  #first: GlobalToken | undefined;

  override async addFirst(token: GlobalToken): Promise<boolean> {
    this.outage.check('add the first token');
    this.#first ??= token;
    return this.#first.id === token.id;
  }

  override async list(): Promise<readonly GlobalToken[]> {
    this.outage.check('list tokens');
    return this.#first ? [this.#first] : [];
  }
}
