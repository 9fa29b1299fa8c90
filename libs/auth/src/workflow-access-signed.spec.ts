import {
  DEFAULT_WORKFLOW_CACHE_SETTINGS,
  StoreUnavailableError,
  type Workflow,
} from '@app/persistence';
import { aWorkflow } from '@app/persistence/testing';
import {
  SignatureInvalidError,
  TokenMissingError,
  TriggerOffError,
  WorkflowInactiveError,
} from './errors.js';
import { AccessFixture, rejectionOf, FACTS, mine } from './testing/access-fixture.js';

const { freshMs, unknownMs } = DEFAULT_WORKFLOW_CACHE_SETTINGS;

let fixture: AccessFixture;

beforeEach(async () => {
  fixture = await AccessFixture.make();
});

describe('requireToken', () => {
  it('rejects a request without a token', () => {
    const access = fixture.access();

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
    fixture.access().requireTrigger(workflow, { ...FACTS, trigger });

    expect(await fixture.onRecord()).toEqual([]);
  });

  it.each([
    ['one that is absent', aWorkflow({ triggers: {} }), 'event'],
    ['one that is off', aWorkflow({ triggers: { event: { enabled: false } } }), 'event'],
    ['manual when it is off', aWorkflow({ triggers: { manual: { enabled: false } } }), 'manual'],
  ] as const)('refuses %s, and puts it on record', async (_, workflow, trigger) => {
    const access = fixture.access();

    expect(() => {
      access.requireTrigger(workflow, { ...FACTS, trigger });
    }).toThrow(TriggerOffError);

    expect(await fixture.onRecord()).toMatchObject([{ trigger, failure: { code: 'TRIGGER_OFF' } }]);
  });

  it.each([
    [{ triggers: {} }, ['"workflow-1"', '"triggers": { "event": { "enabled": true } }']],
    [{ status: 'inactive' }, ['"workflow-1"', 'activate it']],
    [{ status: 'retired' }, ['"workflow-1"', 'stop sending']],
  ] as const)('names the workflow, and says what to do (%j)', (members, texts) => {
    const workflow = aWorkflow({ ...members, id: 'workflow-1' });
    const access = fixture.access();

    for (const text of texts) {
      expect(() => {
        access.requireTrigger(workflow, { ...FACTS, trigger: 'event' });
      }).toThrow(text);
    }
  });

  it('rejects an inactive workflow, also with its trigger on', async () => {
    const access = fixture.access();

    expect(() => {
      access.requireTrigger(aWorkflow({ status: 'inactive' }), FACTS);
    }).toThrow(WorkflowInactiveError);

    expect(await fixture.onRecord()).toMatchObject([{ failure: { code: 'WORKFLOW_INACTIVE' } }]);
  });
});

describe('authorizeSigned', () => {
  const right = (workflow: Workflow | undefined): boolean => workflow !== undefined;
  const wrong = (): boolean => false;

  it('accepts a signed request, also while MongoDB is unavailable if the workflow is cached', async () => {
    const access = fixture.access();
    expect(await access.authorizeSigned('mine', right, FACTS)).toMatchObject({ id: 'mine' });
    fixture.workflows.outage.begin();

    expect(await access.authorizeSigned('mine', right, FACTS)).toMatchObject({ id: 'mine' });
  });

  it('finds a secret that is newer than the cached workflow', async () => {
    const access = fixture.access();
    await access.authorizeSigned('mine', right, FACTS);
    await fixture.workflows.switch('mine', { status: 'inactive' }, undefined);
    fixture.now += unknownMs;
    const signedAnew = (workflow: Workflow | undefined): boolean => workflow?.status === 'inactive';

    expect(await access.authorizeSigned('mine', signedAnew, FACTS)).toMatchObject({ id: 'mine' });
  });

  it('rejects a wrong signature, and puts the request on record', async () => {
    await expect(fixture.access().authorizeSigned('mine', wrong, FACTS)).rejects.toThrow(
      SignatureInvalidError,
    );

    expect(await fixture.onRecord()).toMatchObject([
      { workflowId: 'mine', failure: { code: 'SIGNATURE_INVALID' } },
    ]);
  });

  it('does not reveal whether the workflow exists', async () => {
    const access = fixture.access();
    const known = await rejectionOf(access.authorizeSigned('mine', wrong, FACTS));
    const unknown = await rejectionOf(access.authorizeSigned('nobody', wrong, FACTS));
    expect(unknown).toEqual(known);

    fixture.now += freshMs;
    fixture.workflows.outage.begin();
    for (const id of ['mine', 'nobody'])
      expect(await rejectionOf(access.authorizeSigned(id, wrong, FACTS))).toBeInstanceOf(
        StoreUnavailableError,
      );
  });

  it('requires the signature in addition to a valid token', async () => {
    const access = fixture.access();
    const workflow = await access.authorize('mine', mine.text, FACTS);

    access.requireSigned(workflow, true, FACTS);
    expect(() => {
      access.requireSigned(workflow, false, FACTS);
    }).toThrow(SignatureInvalidError);
  });
});
