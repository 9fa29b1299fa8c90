import { MemoryApiTokenStore, MemoryGlobalTokenStore, NOW } from '@app/persistence/testing';
import { AdminTokenInvalidError, TokenMissingError } from '../errors.js';
import { AdminTokens } from './admin-tokens.js';
import { ApiAccess } from './api-access.js';
import { type TokenPlaces } from './read-token.js';

const clock = () => NOW;
const admin = new AdminTokens(new MemoryGlobalTokenStore(), clock, 'right');
const access = new ApiAccess(admin, new MemoryApiTokenStore(), clock);

describe(ApiAccess.name, () => {
  const pass = async (authorization?: string, query: object = {}): Promise<void> => {
    const request: TokenPlaces = { headers: { authorization }, query };
    await access.authorize(request);
  };

  it('lets the right one pass', async () => {
    await expect(pass('Bearer right')).resolves.toBeUndefined();
  });

  it.each(['Bearer wrong', 'Bearer Right', 'Bearer right1', 'Bearer righ'])(
    'refuses "%s"',
    async (authorization) => {
      await expect(pass(authorization)).rejects.toThrow(AdminTokenInvalidError);
    },
  );

  it.each([undefined, '', 'Bearer ', 'right', 'Basic right'])(
    'takes "%s" for no token',
    async (authorization) => {
      await expect(pass(authorization)).rejects.toThrow(TokenMissingError);
    },
  );

  it('does not take it from the URL, where it would be logged', async () => {
    await expect(pass(undefined, { access_token: 'right' })).rejects.toThrow(TokenMissingError);
  });
});
