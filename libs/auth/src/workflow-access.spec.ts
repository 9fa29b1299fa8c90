import {
  DEFAULT_WORKFLOW_CACHE_SETTINGS,
  StoreUnavailableError,
  WorkflowCache,
  WorkflowNotFoundError,
  type Activity,
} from '@app/persistence';
import {
  MemoryActivityStore,
  MemoryRejectedRequestStore,
  MemoryWorkflowStore,
  NOW,
  aRevision,
  aWorkflow,
} from '@app/persistence/testing';
import { TokenInvalidError, TokenMissingError } from './errors.js';
import { mintToken } from './tokens/workflow-token.js';
import { WorkflowAccess, type RequestFacts } from './workflow-access.js';

const FACTS: RequestFacts = {
  trigger: 'event',
  eventId: 'event-1',
  source: '/tests',
  remoteAddress: '10.0.0.1',
};
const { freshMs, staleMsMax } = DEFAULT_WORKFLOW_CACHE_SETTINGS;

const mine = mintToken('mine', NOW);
const expiring = mintToken('expiring', NOW, NOW + 1_000);
const theirs = mintToken('theirs', NOW);

let now: number;
let workflows: MemoryWorkflowStore;
let activities: MemoryActivityStore;
let rejectedRequests: MemoryRejectedRequestStore;
const accesses: WorkflowAccess[] = [];

function anAccess(authEnabled = true): WorkflowAccess {
  const clock = (): number => now;
  const workflowCache = new WorkflowCache(workflows, DEFAULT_WORKFLOW_CACHE_SETTINGS, clock);
  const access = new WorkflowAccess(workflowCache, rejectedRequests, clock, authEnabled);
  accesses.push(access);
  return access;
}

/** What is refused goes on record after the answer. */
async function onRecord(): Promise<readonly Activity[]> {
  for (const access of accesses.splice(0)) await access.beforeApplicationShutdown();
  await rejectedRequests.flush();
  return (await activities.list({ limit: 100 })).activities;
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

beforeEach(async () => {
  now = NOW;
  workflows = new MemoryWorkflowStore();
  activities = new MemoryActivityStore();
  rejectedRequests = new MemoryRejectedRequestStore(activities);
  await workflows.create(
    aWorkflow({ id: 'mine', name: 'mine', tokens: [mine.token, expiring.token] }),
    aRevision({ workflowId: 'mine' }),
  );
  await workflows.create(
    aWorkflow({ id: 'theirs', name: 'theirs', tokens: [theirs.token] }),
    aRevision({ workflowId: 'theirs' }),
  );
});

describe('authorize', () => {
  it('gives the workflow to whoever has one of its tokens, and puts nothing on record', async () => {
    const access = anAccess();

    expect(await access.authorize('mine', mine.text, FACTS)).toMatchObject({ id: 'mine' });
    expect(await access.authorize('mine', expiring.text, FACTS)).toMatchObject({ id: 'mine' });
    expect(await onRecord()).toEqual([]);
  });

  it.each([
    ['a wrong token', 'nonsense'],
    ['the token of another workflow', theirs.text],
    ['a stored hash', mine.token.hash],
    ['an empty token', ''],
  ])('refuses %s and puts it on record, without the token', async (_, token) => {
    await expect(anAccess().authorize('mine', token, FACTS)).rejects.toThrow(TokenInvalidError);

    const record = await onRecord();
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

  it('takes a token that is newer than what it knows of the workflow, a moment later', async () => {
    const access = anAccess();
    await access.authorize('mine', mine.text, FACTS);
    const fresh = mintToken('fresh', NOW);
    await workflows.addToken('mine', fresh.token);
    now += DEFAULT_WORKFLOW_CACHE_SETTINGS.unknownMs;

    expect(await access.authorize('mine', fresh.text, FACTS)).toMatchObject({ id: 'mine' });
    expect(await onRecord()).toEqual([]);
  });

  it('refuses a token from the moment it expires', async () => {
    now = NOW + 1_000;

    await expect(anAccess().authorize('mine', expiring.text, FACTS)).rejects.toThrow(
      TokenInvalidError,
    );
  });

  it('tells an unknown workflow, a wrong and an expired token in the same words', async () => {
    now = NOW + 1_000;
    const access = anAccess();

    const errors = await Promise.all([
      errorOf(access.authorize('nobody', mine.text, FACTS)),
      errorOf(access.authorize('mine', 'wrong', FACTS)),
      errorOf(access.authorize('mine', expiring.text, FACTS)),
    ]);

    const told = errors.map((error) =>
      JSON.stringify([String(error), Object.entries(error as TokenInvalidError)]),
    );
    expect(new Set(told).size).toBe(1);
    expect(errors[0]).toBeInstanceOf(TokenInvalidError);
  });

  it('puts nothing on record for a workflow that is not there', async () => {
    await errorOf(anAccess().authorize('nobody', 'wrong', FACTS));

    expect(await onRecord()).toEqual([]);
  });

  it('makes a handful of records of those who keep trying', async () => {
    const access = anAccess();

    for (let index = 0; index < 500; index += 1) {
      await errorOf(access.authorize('mine', `wrong ${index}`, FACTS));
    }

    const counts = (await onRecord()).map(({ refusal }) => refusal?.count ?? 0);
    expect(counts.sort((a, b) => a - b)).toEqual([1, 9, 90, 400]);
  });

  it('says that a token is missing, and puts it on record if there is such a workflow', async () => {
    const access = anAccess();

    await expect(access.authorize('mine', undefined, FACTS)).rejects.toThrow(TokenMissingError);
    await expect(access.authorize('nobody', undefined, FACTS)).rejects.toThrow(TokenMissingError);

    expect((await onRecord()).map(({ failure }) => failure?.code)).toEqual(['TOKEN_MISSING']);
  });
});

describe('while the store is away', () => {
  it('decides on what was known, for a while, and then grants nobody', async () => {
    const access = anAccess();
    await access.authorize('mine', mine.text, FACTS);
    workflows.outage.begin();

    now = NOW + freshMs + staleMsMax;
    expect(await access.authorize('mine', mine.text, FACTS)).toMatchObject({ id: 'mine' });

    now += 60_000;
    await expect(access.authorize('mine', mine.text, FACTS)).rejects.toThrow(StoreUnavailableError);
  });

  it('grants nothing to a wrong token, and says no more of a workflow that it knows', async () => {
    const access = anAccess();
    await access.authorize('mine', mine.text, FACTS);
    workflows.outage.begin();
    now += 2_000;

    const errors = await Promise.all([
      errorOf(access.authorize('mine', 'wrong', FACTS)),
      errorOf(access.authorize('mine', expiring.text, FACTS)),
      errorOf(access.authorize('nobody', 'wrong', FACTS)),
    ]);

    expect(errors[0]).toBeInstanceOf(StoreUnavailableError);
    const told = errors.map((error) => JSON.stringify([String(error), error]));
    expect(new Set(told).size).toBe(1);
  });

  it('neither grants nor refuses what it can not know', async () => {
    workflows.outage.begin();

    await expect(anAccess().authorize('mine', mine.text, FACTS)).rejects.toThrow(
      StoreUnavailableError,
    );
  });

  it('still says that a token is missing', async () => {
    workflows.outage.begin();

    await expect(anAccess().authorize('mine', undefined, FACTS)).rejects.toThrow(TokenMissingError);
  });
});

describe('with authorization off', () => {
  it.each([undefined, 'wrong'])('lets "%s" start any workflow there is', async (token) => {
    const access = anAccess(false);

    expect(await access.authorize('mine', token, FACTS)).toMatchObject({ id: 'mine' });
    expect(await onRecord()).toEqual([]);
  });

  it('says plainly that there is no such workflow', async () => {
    await expect(anAccess(false).authorize('nobody', undefined, FACTS)).rejects.toThrow(
      WorkflowNotFoundError,
    );
  });

  it('asks nobody for a token', () => {
    anAccess(false).requireToken(undefined);
  });
});
