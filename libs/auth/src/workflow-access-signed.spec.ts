import {
  DEFAULT_WORKFLOW_CACHE_SETTINGS,
  StoreUnavailableError,
  WorkflowCache,
  type Activity,
  type Workflow,
} from '@app/persistence';
import {
  MemoryActivityStore,
  MemoryRejectedRequestStore,
  MemoryWorkflowStore,
  NOW,
  aRevision,
  aWorkflow,
} from '@app/persistence/testing';
import {
  SignatureInvalidError,
  TokenMissingError,
  TriggerOffError,
  WorkflowInactiveError,
} from './errors.js';
import { mintToken } from './tokens/workflow-token.js';
import { WorkflowAccess, type RequestFacts } from './workflow-access.js';

const FACTS: RequestFacts = {
  trigger: 'event',
  eventId: 'event-1',
  source: '/tests',
  remoteAddress: '10.0.0.1',
};
const { freshMs, unknownMs } = DEFAULT_WORKFLOW_CACHE_SETTINGS;

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

describe('requireToken', () => {
  it('turns away whoever has none', () => {
    const access = anAccess();

    access.requireToken('anything');
    expect(() => {
      access.requireToken(undefined);
    }).toThrow(TokenMissingError);
  });
});

describe('requireTrigger', () => {
  it.each([
    ['one that is on', aWorkflow({ triggers: { event: { enabled: true } } }), 'event'],
    ['manual, unless it is switched off', aWorkflow({ triggers: {} }), 'manual'],
  ] as const)('lets pass %s', async (_, workflow, trigger) => {
    anAccess().requireTrigger(workflow, { ...FACTS, trigger });

    expect(await onRecord()).toEqual([]);
  });

  it.each([
    ['one that is absent', aWorkflow({ triggers: {} }), 'event'],
    ['one that is off', aWorkflow({ triggers: { event: { enabled: false } } }), 'event'],
    ['manual when it is off', aWorkflow({ triggers: { manual: { enabled: false } } }), 'manual'],
  ] as const)('refuses %s, and puts it on record', async (_, workflow, trigger) => {
    const access = anAccess();

    expect(() => {
      access.requireTrigger(workflow, { ...FACTS, trigger });
    }).toThrow(TriggerOffError);

    expect(await onRecord()).toMatchObject([{ trigger, failure: { code: 'TRIGGER_OFF' } }]);
  });

  it('refuses an inactive workflow whatever its triggers say', async () => {
    const access = anAccess();

    expect(() => {
      access.requireTrigger(aWorkflow({ status: 'inactive' }), FACTS);
    }).toThrow(WorkflowInactiveError);

    expect(await onRecord()).toMatchObject([{ failure: { code: 'WORKFLOW_INACTIVE' } }]);
  });
});

describe('authorizeSigned', () => {
  const right = (workflow: Workflow | undefined): boolean => workflow !== undefined;
  const wrong = (): boolean => false;

  it('lets in what is signed, also while MongoDB is gone if the workflow is known', async () => {
    const access = anAccess();
    expect(await access.authorizeSigned('mine', right, FACTS)).toMatchObject({ id: 'mine' });
    workflows.outage.begin();

    expect(await access.authorizeSigned('mine', right, FACTS)).toMatchObject({ id: 'mine' });
  });

  it('finds a secret that is newer than what is known of the workflow', async () => {
    const access = anAccess();
    await access.authorizeSigned('mine', right, FACTS);
    await workflows.switch('mine', { status: 'inactive' }, undefined);
    now += unknownMs;
    const signedAnew = (workflow: Workflow | undefined): boolean => workflow?.status === 'inactive';

    expect(await access.authorizeSigned('mine', signedAnew, FACTS)).toMatchObject({ id: 'mine' });
  });

  it('refuses what is signed wrongly, and puts it on record', async () => {
    await expect(anAccess().authorizeSigned('mine', wrong, FACTS)).rejects.toThrow(
      SignatureInvalidError,
    );

    expect(await onRecord()).toMatchObject([
      { workflowId: 'mine', failure: { code: 'SIGNATURE_INVALID' } },
    ]);
  });

  it('tells nobody whether there is the workflow', async () => {
    const access = anAccess();
    const known = await errorOf(access.authorizeSigned('mine', wrong, FACTS));
    const unknown = await errorOf(access.authorizeSigned('nobody', wrong, FACTS));
    expect(unknown).toEqual(known);

    now += freshMs;
    workflows.outage.begin();
    for (const id of ['mine', 'nobody'])
      expect(await errorOf(access.authorizeSigned(id, wrong, FACTS))).toBeInstanceOf(
        StoreUnavailableError,
      );
  });

  it('asks for a signature as well where a token was right', async () => {
    const access = anAccess();
    const workflow = await access.authorize('mine', mine.text, FACTS);

    access.requireSigned(workflow, true, FACTS);
    expect(() => {
      access.requireSigned(workflow, false, FACTS);
    }).toThrow(SignatureInvalidError);
  });
});
