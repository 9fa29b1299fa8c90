import {
  DEFAULT_WORKFLOW_CACHE_SETTINGS,
  StoreUnavailableError,
  WorkflowNotFoundError,
} from '@app/persistence';
import { NOW } from '@app/persistence/testing';
import { TokenInvalidError, TokenMissingError } from './errors.js';
import {
  AccessFixture,
  rejectionOf,
  expiring,
  FACTS,
  mine,
  theirs,
} from './testing/access-fixture.js';
import { mintToken } from './tokens/workflow-token.js';

const { freshMs, staleMsMax } = DEFAULT_WORKFLOW_CACHE_SETTINGS;

let fixture: AccessFixture;

beforeEach(async () => {
  fixture = await AccessFixture.make();
});

describe('authorize', () => {
  it('gives the workflow for each of its tokens, and puts nothing on record', async () => {
    const access = fixture.access();

    expect(await access.authorize('mine', mine.text, FACTS)).toMatchObject({ id: 'mine' });
    expect(await access.authorize('mine', expiring.text, FACTS)).toMatchObject({ id: 'mine' });
    expect(await fixture.onRecord()).toEqual([]);
  });

  it.each([
    ['a wrong token', 'nonsense'],
    ['the token of another workflow', theirs.text],
    ['a stored hash', mine.token.hash],
    ['an empty token', ''],
  ])('refuses %s and puts it on record, without the token', async (_, token) => {
    await expect(fixture.access().authorize('mine', token, FACTS)).rejects.toThrow(
      TokenInvalidError,
    );

    const record = await fixture.onRecord();
    expect(record).toMatchObject([
      {
        workflowId: 'mine',
        status: 'failed',
        trigger: 'event',
        failure: { level: 'workflow', code: 'TOKEN_INVALID' },
        refusal: { count: 1, eventId: 'event-1', source: '/tests', remoteAddress: '10.0.0.1' },
      },
    ]);
    if (token !== '') expect(JSON.stringify(record)).not.toContain(token);
  });

  it('accepts a token that is newer than the cached workflow, after a moment', async () => {
    const access = fixture.access();
    await access.authorize('mine', mine.text, FACTS);
    const fresh = mintToken('fresh', NOW);
    await fixture.workflows.addToken('mine', fresh.token);
    fixture.now += DEFAULT_WORKFLOW_CACHE_SETTINGS.unknownMs;

    expect(await access.authorize('mine', fresh.text, FACTS)).toMatchObject({ id: 'mine' });
    expect(await fixture.onRecord()).toEqual([]);
  });

  it('refuses a token from the moment it expires', async () => {
    fixture.now = NOW + 1_000;

    await expect(fixture.access().authorize('mine', expiring.text, FACTS)).rejects.toThrow(
      TokenInvalidError,
    );
  });

  it('answers an unknown workflow, a wrong token and an expired token alike', async () => {
    fixture.now = NOW + 1_000;
    const access = fixture.access();

    const errors = await Promise.all([
      rejectionOf(access.authorize('nobody', mine.text, FACTS)),
      rejectionOf(access.authorize('mine', 'wrong', FACTS)),
      rejectionOf(access.authorize('mine', expiring.text, FACTS)),
    ]);

    const told = errors.map((error) =>
      JSON.stringify([String(error), Object.entries(error as TokenInvalidError)]),
    );
    expect(new Set(told).size).toBe(1);
    expect(errors[0]).toBeInstanceOf(TokenInvalidError);
  });

  it('puts nothing on record for an unknown workflow', async () => {
    await rejectionOf(fixture.access().authorize('nobody', 'wrong', FACTS));

    expect(await fixture.onRecord()).toEqual([]);
  });

  it('counts 500 rejected requests of one sender in four records', async () => {
    const access = fixture.access();

    for (let index = 0; index < 500; index += 1) {
      await rejectionOf(access.authorize('mine', `wrong ${index}`, FACTS));
    }

    const counts = (await fixture.onRecord()).map(({ refusal }) => refusal?.count ?? 0);
    expect(counts.sort((a, b) => a - b)).toEqual([1, 9, 90, 400]);
  });

  it('says that a token is missing, and puts it on record if there is such a workflow', async () => {
    const access = fixture.access();

    await expect(access.authorize('mine', undefined, FACTS)).rejects.toThrow(TokenMissingError);
    await expect(access.authorize('nobody', undefined, FACTS)).rejects.toThrow(TokenMissingError);

    expect((await fixture.onRecord()).map(({ failure }) => failure?.code)).toEqual([
      'TOKEN_MISSING',
    ]);
  });
});

describe('while the store is unavailable', () => {
  it('decides from the cache for a while, and then grants nothing', async () => {
    const access = fixture.access();
    await access.authorize('mine', mine.text, FACTS);
    fixture.workflows.outage.begin();

    fixture.now = NOW + freshMs + staleMsMax;
    expect(await access.authorize('mine', mine.text, FACTS)).toMatchObject({ id: 'mine' });

    fixture.now += 60_000;
    await expect(access.authorize('mine', mine.text, FACTS)).rejects.toThrow(StoreUnavailableError);
  });

  it('grants nothing to a wrong token, and answers alike for a cached and an uncached workflow', async () => {
    const access = fixture.access();
    await access.authorize('mine', mine.text, FACTS);
    fixture.workflows.outage.begin();
    fixture.now += 2_000;

    const errors = await Promise.all([
      rejectionOf(access.authorize('mine', 'wrong', FACTS)),
      rejectionOf(access.authorize('mine', expiring.text, FACTS)),
      rejectionOf(access.authorize('nobody', 'wrong', FACTS)),
    ]);

    expect(errors[0]).toBeInstanceOf(StoreUnavailableError);
    const told = errors.map((error) => JSON.stringify([String(error), error]));
    expect(new Set(told).size).toBe(1);
  });

  it('neither grants nor rejects what is not in the cache', async () => {
    fixture.workflows.outage.begin();

    await expect(fixture.access().authorize('mine', mine.text, FACTS)).rejects.toThrow(
      StoreUnavailableError,
    );
  });

  it('still says that a token is missing', async () => {
    fixture.workflows.outage.begin();

    await expect(fixture.access().authorize('mine', undefined, FACTS)).rejects.toThrow(
      TokenMissingError,
    );
  });
});

describe('with authorization off', () => {
  it.each([undefined, 'wrong'])('lets "%s" start any existing workflow', async (token) => {
    const access = fixture.access(false);

    expect(await access.authorize('mine', token, FACTS)).toMatchObject({ id: 'mine' });
    expect(await fixture.onRecord()).toEqual([]);
  });

  it('says plainly that there is no such workflow', async () => {
    await expect(fixture.access(false).authorize('nobody', undefined, FACTS)).rejects.toThrow(
      WorkflowNotFoundError,
    );
  });

  it('requires no token', () => {
    fixture.access(false).requireToken(undefined);
  });
});
