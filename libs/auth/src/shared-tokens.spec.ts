import { DEFAULT_WORKFLOW_CACHE_SETTINGS, WorkflowCache } from '@app/persistence';
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
import { WorkflowAccess } from './workflow-access.js';

const FACTS = { trigger: 'event' } as const;
const { unknownMs } = DEFAULT_WORKFLOW_CACHE_SETTINGS;

const mine = mintToken('mine', NOW);
const expiring = mintToken('expiring', NOW, NOW + 1_000);
const theirs = mintToken('theirs', NOW);

let now: number;
let workflows: MemoryWorkflowStore;

function anAccess(authEnabled = true): WorkflowAccess {
  const clock = (): number => now;
  const workflowCache = new WorkflowCache(workflows, DEFAULT_WORKFLOW_CACHE_SETTINGS, clock);
  const rejectedRequests = new MemoryRejectedRequestStore(new MemoryActivityStore());
  return new WorkflowAccess(workflowCache, rejectedRequests, clock, authEnabled);
}

beforeEach(async () => {
  now = NOW;
  workflows = new MemoryWorkflowStore();
  for (const [id, tokens] of [
    ['mine', [mine.token, expiring.token]],
    ['theirs', [theirs.token]],
  ] as const)
    await workflows.create(aWorkflow({ id, name: id, tokens }), aRevision({ workflowId: id }));
});

describe('authorizeAll', () => {
  it('gives all workflows that have the token, the same list each time', async () => {
    const access = anAccess();
    await workflows.addToken('theirs', mintToken('shared', NOW, undefined, mine.text).token);

    const all = await access.authorizeAll(mine.text);

    expect(all.map(({ id }) => id)).toEqual(['mine', 'theirs']);
    expect(await access.authorizeAll(mine.text)).toBe(all);
  });

  it('leaves out those for which it has ended', async () => {
    const access = anAccess();
    await workflows.addToken('theirs', mintToken('shared', NOW, undefined, expiring.text).token);
    expect(await access.authorizeAll(expiring.text)).toHaveLength(2);
    now += 1_000;

    const living = await access.authorizeAll(expiring.text);

    expect(living.map(({ id }) => id)).toEqual(['theirs']);
    expect(await access.authorizeAll(expiring.text)).toBe(living);
  });

  it('lets nobody in without a token that is right, whatever is switched off', async () => {
    now += 1_000;

    await expect(anAccess().authorizeAll(expiring.text)).rejects.toThrow(TokenInvalidError);
    await expect(anAccess().authorizeAll('wrong')).rejects.toThrow(TokenInvalidError);
    await expect(anAccess(false).authorizeAll(undefined)).rejects.toThrow(TokenMissingError);
  });

  it('is known by name for each of them, also where it is new', async () => {
    const access = anAccess();
    await access.authorize('theirs', theirs.text, FACTS);
    await workflows.addToken('theirs', mintToken('shared', NOW, undefined, mine.text).token);
    now += unknownMs;

    expect(await access.authorize('theirs', mine.text, FACTS)).toMatchObject({ id: 'theirs' });
  });
});

describe('ownersOf', () => {
  it('gives all workflows whose token it is, and nobody when authorization is off', async () => {
    await workflows.addToken('theirs', mintToken('shared', NOW, undefined, mine.text).token);

    const all = await anAccess().ownersOf(mine.text);

    expect(all?.map(({ id }) => id)).toEqual(['mine', 'theirs']);
    expect(await anAccess(false).ownersOf(undefined)).toBeUndefined();
    await expect(anAccess().ownersOf(undefined)).rejects.toThrow(TokenMissingError);
  });
});
