import { DEFAULT_WORKFLOW_CACHE_SETTINGS } from '@app/persistence';
import { NOW } from '@app/persistence/testing';
import { TokenInvalidError, TokenMissingError } from './errors.js';
import { AccessFixture, expiring, FACTS, mine, theirs } from './testing/access-fixture.js';
import { mintToken } from './tokens/workflow-token.js';

const { unknownMs } = DEFAULT_WORKFLOW_CACHE_SETTINGS;

let fixture: AccessFixture;

beforeEach(async () => {
  fixture = await AccessFixture.make();
});

describe('authorizeAll', () => {
  it('gives all workflows that have the token, the same list each time', async () => {
    const access = fixture.access();
    await fixture.workflows.addToken(
      'theirs',
      mintToken('shared', NOW, undefined, mine.text).token,
    );

    const all = await access.authorizeAll(mine.text);

    expect(all.map(({ id }) => id)).toEqual(['mine', 'theirs']);
    expect(await access.authorizeAll(mine.text)).toBe(all);
  });

  it('leaves out workflows on which the token has expired', async () => {
    const access = fixture.access();
    await fixture.workflows.addToken(
      'theirs',
      mintToken('shared', NOW, undefined, expiring.text).token,
    );
    expect(await access.authorizeAll(expiring.text)).toHaveLength(2);
    fixture.now += 1_000;

    const living = await access.authorizeAll(expiring.text);

    expect(living.map(({ id }) => id)).toEqual(['theirs']);
    expect(await access.authorizeAll(expiring.text)).toBe(living);
  });

  it('rejects a missing, wrong or expired token, also with authorization off', async () => {
    fixture.now += 1_000;

    await expect(fixture.access().authorizeAll(expiring.text)).rejects.toThrow(TokenInvalidError);
    await expect(fixture.access().authorizeAll('wrong')).rejects.toThrow(TokenInvalidError);
    await expect(fixture.access(false).authorizeAll(undefined)).rejects.toThrow(TokenMissingError);
  });

  it('authorizes each of the workflows by id, also one that got the token just now', async () => {
    const access = fixture.access();
    await access.authorize('theirs', theirs.text, FACTS);
    await fixture.workflows.addToken(
      'theirs',
      mintToken('shared', NOW, undefined, mine.text).token,
    );
    fixture.now += unknownMs;

    expect(await access.authorize('theirs', mine.text, FACTS)).toMatchObject({ id: 'theirs' });
  });
});

describe('ownersOf', () => {
  it('gives all workflows that have the token, and undefined when authorization is off', async () => {
    await fixture.workflows.addToken(
      'theirs',
      mintToken('shared', NOW, undefined, mine.text).token,
    );

    const all = await fixture.access().ownersOf(mine.text);

    expect(all?.map(({ id }) => id)).toEqual(['mine', 'theirs']);
    expect(await fixture.access(false).ownersOf(undefined)).toBeUndefined();
    await expect(fixture.access().ownersOf(undefined)).rejects.toThrow(TokenMissingError);
  });
});
