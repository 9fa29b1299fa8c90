import { type ApiTokenStore } from '@app/persistence';
import { AdminTokenInvalidError, TokenMissingError } from '../errors.js';
import { type Principal } from '../principals/principal.js';
import { type AdminTokens } from './admin-tokens.js';
import { personWith } from './api-tokens.js';
import { readBearerToken, type TokenPlaces } from './read-token.js';

/** Authenticates requests to the API: as the administrator of the installation, or as a person with a token. */
export class ApiAccess {
  constructor(
    private readonly admin: Pick<AdminTokens, 'find'>,
    private readonly people: Pick<ApiTokenStore, 'findByHash'>,
    private readonly clock: () => number,
  ) {}

  /** @throws TokenMissingError, AdminTokenInvalidError, StoreUnavailableError */
  async authorize(request: TokenPlaces): Promise<Principal> {
    const text = readBearerToken(request);
    if (text === undefined) throw new TokenMissingError('header');
    const principal =
      (await this.admin.find(text)) ?? (await personWith(text, this.people, this.clock()));
    if (!principal) throw new AdminTokenInvalidError();
    return principal;
  }
}
