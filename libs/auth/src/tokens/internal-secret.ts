import { InternalSecretInvalidError, TokenMissingError } from '../errors.js';
import { readBearerToken, type TokenPlaces } from './read-token.js';
import { hashOf, isSameHash } from './secret-text.js';

/** The secret that our own services share. */
export class InternalSecret {
  readonly #hash: string;

  constructor(readonly text: string) {
    this.#hash = hashOf(text);
  }

  /** Lets our own services pass. @throws TokenMissingError, InternalSecretInvalidError */
  authorize(request: TokenPlaces): void {
    const token = readBearerToken(request);
    if (token === undefined) throw new TokenMissingError('header');
    if (!isSameHash(this.#hash, hashOf(token))) throw new InternalSecretInvalidError();
  }
}
