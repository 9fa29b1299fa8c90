import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { AdminTokenInvalidError, TokenMissingError } from '../errors.js';
import { AdminTokens } from '../tokens/admin-tokens.js';
import { readBearerToken, type TokenPlaces } from '../tokens/read-token.js';

/** Lets the administrator pass. @throws TokenMissingError, AdminTokenInvalidError */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly tokens: AdminTokens) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const token = readBearerToken(context.switchToHttp().getRequest<TokenPlaces>());
    if (token === undefined) throw new TokenMissingError('header');
    if (!(await this.tokens.accepts(token))) throw new AdminTokenInvalidError();
    return true;
  }
}
