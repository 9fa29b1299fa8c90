import { type ApiToken, StoreUnavailableError } from '@app/persistence';
import { MemoryApiTokenStore, MemoryGlobalTokenStore, NOW } from '@app/persistence/testing';
import { AdminTokenInvalidError } from '../errors.js';
import { type Principal } from '../principals/principal.js';
import { AdminTokens } from './admin-tokens.js';
import { ApiAccess } from './api-access.js';
import { mintApiToken } from './api-tokens.js';

let people: MemoryApiTokenStore;
let now: number;
let access: ApiAccess;

beforeEach(() => {
  people = new MemoryApiTokenStore();
  now = NOW;
  const admin = new AdminTokens(new MemoryGlobalTokenStore(), () => now, 'right');
  access = new ApiAccess(admin, people, () => now);
});

function asked(text: string): Promise<Principal> {
  return access.authorize({ headers: { authorization: `Bearer ${text}` } });
}

async function tokenOf(differences: Partial<ApiToken> = {}) {
  const { text, token } = mintApiToken(
    { label: 'ada', role: 'approver', groups: ['finance'], ...differences },
    NOW,
  );
  await people.add(token);
  return { text, id: token.id };
}

describe(ApiAccess.name, () => {
  it('finds the person of a token, with role and groups', async () => {
    const { text } = await tokenOf();

    expect(await asked(text)).toEqual({
      label: 'ada',
      role: 'approver',
      groups: ['finance'],
      scope: { kind: 'everything' },
    });
  });

  it.each([
    [{ workflows: ['wf1'] }, { kind: 'workflows', ids: ['wf1'] }],
    [{ labels: { area: 'billing' } }, { kind: 'labels', labels: { area: 'billing' } }],
  ])('keeps to the scope %j', async (scope, expected) => {
    const { text } = await tokenOf({ scope });

    expect(await asked(text)).toMatchObject({ scope: expected });
  });

  it('refuses a token from the moment it is deleted', async () => {
    const { text, id } = await tokenOf();
    await asked(text);
    await people.remove(id);

    await expect(asked(text)).rejects.toThrow(AdminTokenInvalidError);
  });

  it('refuses a token from the moment it expires', async () => {
    const { text } = await tokenOf({ expiresAt: NOW + 1 });
    await asked(text);
    now += 1;

    await expect(asked(text)).rejects.toThrow(AdminTokenInvalidError);
  });

  it('treats a role of another release as none', async () => {
    const { text } = await tokenOf({ role: 'toString' as ApiToken['role'] });

    await expect(asked(text)).rejects.toThrow(AdminTokenInvalidError);
  });

  it('asks the store only for texts in the format of an API token', async () => {
    const { text } = await tokenOf();
    people.outage.begin();

    await expect(asked(text)).rejects.toThrow(StoreUnavailableError);
    await expect(asked(`${text}x`)).rejects.toThrow(AdminTokenInvalidError);
    expect(await asked('right')).toMatchObject({ label: 'administrator' });
  });
});
