import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { InternalSecretInvalidError, TokenMissingError } from '../errors.js';
import { readBearerToken, type TokenPlaces } from '../tokens/read-token.js';
import { hashOf, isSameHash } from '../tokens/secret-text.js';

/** The secret that our own services share. */
export class InternalSecret {
  readonly #hash: string;

  constructor(readonly text: string) {
    this.#hash = hashOf(text);
  }

  accepts(text: string): boolean {
    return isSameHash(this.#hash, hashOf(text));
  }
}

/** Lets our own services pass. @throws TokenMissingError, InternalSecretInvalidError */
@Injectable()
export class InternalGuard implements CanActivate {
  constructor(private readonly secret: InternalSecret) {}

  canActivate(context: ExecutionContext): boolean {
    const token = readBearerToken(context.switchToHttp().getRequest<TokenPlaces>());
    if (token === undefined) throw new TokenMissingError('header');
    if (!this.secret.accepts(token)) throw new InternalSecretInvalidError();
    return true;
  }
}
