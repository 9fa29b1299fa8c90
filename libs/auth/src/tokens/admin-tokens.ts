import { randomUUID } from 'node:crypto';
import { type GlobalToken, type GlobalTokenStore } from '@app/persistence';
import { type Principal } from '../principals/principal.js';
import { hashOf, isSameHash, newSecretText } from './secret-text.js';

const PREFIX = 'bfg_';
/** How long the stored tokens are cached, in milliseconds. */
const FRESH_MS = 30_000;

/** The administrator's token: the configured one, else one that the first start makes. */
export class AdminTokens {
  readonly #configured: string | undefined;
  #stored: readonly GlobalToken[] = [];
  #storedUntil = 0;
  /** Kept until the store has answered: a call that seemed to fail may have stored it. */
  #minted: { readonly text: string; readonly token: GlobalToken } | undefined;

  constructor(
    private readonly store: GlobalTokenStore,
    private readonly clock: () => number,
    configured: string | undefined,
  ) {
    this.#configured = configured === undefined ? undefined : hashOf(configured);
  }

  /**
   * The text of the first token, if this call made it: one of all executors that start at once gets it. Undefined
   * when a token exists or is configured. @throws StoreUnavailableError
   */
  async ensureFirst(): Promise<string | undefined> {
    if (this.#configured !== undefined) return undefined;
    const { text, token } = (this.#minted ??= this.#mint());
    const isFirst = await this.store.addFirst(token);
    this.#minted = undefined;
    return isFirst ? text : undefined;
  }

  /** @throws StoreUnavailableError when none is configured and the stored ones can't be read */
  async accepts(text: string): Promise<boolean> {
    return (await this.find(text)) !== undefined;
  }

  /** @throws StoreUnavailableError as `accepts` */
  async find(text: string): Promise<Principal | undefined> {
    const hash = hashOf(text);
    if (this.#configured !== undefined) {
      return isSameHash(this.#configured, hash) ? administrator('administrator') : undefined;
    }
    if (this.clock() >= this.#storedUntil) await this.#read();
    let found: Principal | undefined;
    for (const { id, hash: stored } of this.#stored) {
      if (isSameHash(stored, hash)) found = administrator(`administrator ${id}`);
    }
    return found;
  }

  #mint(): { readonly text: string; readonly token: GlobalToken } {
    const text = newSecretText(PREFIX);
    return { text, token: { id: randomUUID(), hash: hashOf(text), createdAt: this.clock() } };
  }

  async #read(): Promise<void> {
    this.#stored = await this.store.list();
    // No token yet: one is about to be made, so the next call reads again.
    this.#storedUntil = this.#stored.length > 0 ? this.clock() + FRESH_MS : 0;
  }
}

/** The installation's token permits everything and belongs to every group. */
function administrator(label: string): Principal {
  return { label, role: 'administrator', scope: { kind: 'everything' }, groups: 'every' };
}
