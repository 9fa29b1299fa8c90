import { type ExecutionContext } from '@nestjs/common';
import { MemoryGlobalTokenStore, NOW } from '@app/persistence/testing';
import {
  AdminTokenInvalidError,
  InternalSecretInvalidError,
  TokenMissingError,
} from '../errors.js';
import { AdminTokens } from '../tokens/admin-tokens.js';
import { AdminGuard } from './admin.guard.js';
import { InternalGuard, InternalSecret } from './internal.guard.js';

function aRequest(authorization?: string, query: object = {}): ExecutionContext {
  const request = { headers: { authorization }, query };
  const http = { getRequest: () => request };
  return { switchToHttp: () => http } as unknown as ExecutionContext;
}

const adminTokens = new AdminTokens(new MemoryGlobalTokenStore(), () => NOW, 'right');
const admin = new AdminGuard(adminTokens);
const internal = new InternalGuard(new InternalSecret('right'));

describe.each([
  ['AdminGuard', admin, AdminTokenInvalidError],
  ['InternalGuard', internal, InternalSecretInvalidError],
])('%s', (_, guard, InvalidError) => {
  const pass = async (context: ExecutionContext): Promise<boolean> => guard.canActivate(context);

  it('lets the right one pass', async () => {
    expect(await pass(aRequest('Bearer right'))).toBe(true);
  });

  it.each(['Bearer wrong', 'Bearer Right', 'Bearer right1', 'Bearer righ'])(
    'refuses "%s"',
    async (authorization) => {
      await expect(pass(aRequest(authorization))).rejects.toThrow(InvalidError);
    },
  );

  it.each([undefined, '', 'Bearer ', 'right', 'Basic right'])(
    'takes "%s" for no token',
    async (authorization) => {
      await expect(pass(aRequest(authorization))).rejects.toThrow(TokenMissingError);
    },
  );

  it('does not take it from the URL, where it would be logged', async () => {
    const context = aRequest(undefined, { access_token: 'right' });

    await expect(pass(context)).rejects.toThrow(TokenMissingError);
  });
});
