import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { activityIdIn, type Answer, ask, type Asking } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

/** Much longer than a change may take: no cache may hide that nobody told it. */
const OLD_CACHES = { WORKFLOW_FRESH_MS: '600000' };

/** What the docs promise. */
const KNOWN_EVERYWHERE_MS = 1_000;

const TRIGGERS = { event: { enabled: true }, webhook: { enabled: true } };

interface View {
  readonly revision: number;
  readonly tokens: readonly { readonly id: string; readonly label: string }[];
}

describe.each(['nats', 'http'] as const)('a change of a workflow over %s', (driver) => {
  let system: FlowSystem;
  let workflow: CreatedWorkflow;
  let names = 0;

  beforeAll(async () => {
    system = await FlowSystem.start({ driver, servers: 'shared', listenerEnv: OLD_CACHES });
  });

  afterAll(() => system.stop());

  beforeEach(async () => {
    names += 1;
    workflow = await system.api.createWorkflow(keepingWorkflow(`change-${driver}-${names}`));
    // From now on the listener has it in its cache.
    expect(await send()).toMatchObject({ status: 202 });
  });

  const send = (): Promise<Answer> =>
    sendStructured(system.listenerUrl, newEvent(workflow.id), workflow);

  const asAdmin = (path: string, asking: Asking = {}): Promise<Answer> =>
    ask(`${system.executorUrl}/api/v2/workflows/${workflow.id}${path}`, {
      token: system.adminToken,
      ...asking,
    });

  /** Sends until the answer has this code, which has to be within what the docs promise. */
  async function untilRefused(status: number, code: string): Promise<void> {
    const changedAt = performance.now();
    await waitFor(`the answer ${code}`, async () => {
      const answer = await send();
      if (answer.status === 202) return undefined;
      expect(answer).toMatchObject({ status, body: { code } });
      return true;
    });
    // More than is promised, because this machine does much else at the same time; the cache lasts far longer.
    expect(performance.now() - changedAt).toBeLessThan(30 * KNOWN_EVERYWHERE_MS);
  }

  it('deletes a token, and keeps the others', async () => {
    const other = await system.api.createToken(workflow.id);
    const { tokens } = (await asAdmin('')).body as View;
    expect(JSON.stringify(tokens)).not.toContain(workflow.token);
    expect(JSON.stringify(tokens)).not.toContain('hash');

    const removed = await asAdmin(`/tokens/${tokens[0]?.id ?? ''}`, { method: 'DELETE' });

    expect(removed.status).toBe(204);
    await untilRefused(403, 'TOKEN_INVALID');
    const event = newEvent(workflow.id);
    const answer = await sendStructured(system.listenerUrl, event, { token: other });
    expect(answer.status).toBe(202);
    expect(await asAdmin(`/tokens/${tokens[0]?.id ?? ''}`, { method: 'DELETE' })).toMatchObject({
      status: 404,
      body: { code: 'TOKEN_NOT_FOUND' },
    });
  });

  it('switches the workflow and its triggers off and on', async () => {
    const patch = (body: unknown): Promise<Answer> => asAdmin('', { method: 'PATCH', body });

    expect(await patch({ status: 'inactive' })).toMatchObject({ status: 200 });
    await untilRefused(403, 'WORKFLOW_INACTIVE');
    const webhookOff = { triggers: { webhook: { enabled: false } } };
    expect(await patch({ status: 'active', ...webhookOff })).toMatchObject({
      body: { triggers: { ...TRIGGERS, webhook: { enabled: false } } },
    });
    await waitFor('the workflow to be on', async () => (await send()).status === 202 || undefined);
    await patch({ triggers: { event: { enabled: false } } });
    await untilRefused(403, 'TRIGGER_OFF');
  });

  it('changes how long ended activities are kept, without a new revision', async () => {
    const retention = { succeeded: '1d', failed: '400d' };
    const body = { retention };
    const changed = await asAdmin('', { method: 'PATCH', body });
    expect(changed).toMatchObject({ status: 200, body: { retention } });
    for (const form of ['long', 'short']) {
      expect(await asAdmin(`?form=${form}`)).toMatchObject({ body: { retention, revision: 1 } });
    }

    const put = { ...keepingWorkflow(`change-${driver}-${names}`), retention: 'P7D' };
    const ifMatch = { 'if-match': changed.headers.get('etag') ?? '' };
    expect(await asAdmin('', { method: 'PUT', body: put, headers: ifMatch })).toMatchObject({
      body: { retention: { succeeded: '7d', failed: '7d', refused: '7d' }, revision: 1 },
    });

    await asAdmin('', { method: 'PATCH', body: { retention: null } });
    expect((await asAdmin('')).body).not.toHaveProperty('retention');
  });

  it.each([
    { status: 'on' },
    { retention: { failed: '23h' } },
    { triggers: { event: true } },
    { triggers: { nothing: { enabled: true } } },
    { name: 'other' },
  ])('refuses %j', async (body) => {
    expect(await asAdmin('', { method: 'PATCH', body })).toMatchObject({
      status: 400,
      body: { code: 'BODY_INVALID' },
    });
  });

  it('replaces the workflow only if the ETag is the current one', async () => {
    const etag = (await asAdmin('')).headers.get('etag') ?? '';
    const replaced = {
      ...keepingWorkflow(`other-${driver}`),
      triggers: TRIGGERS,
      timeoutMs: 5_000,
    };
    const put = (ifMatch?: string): Promise<Answer> =>
      asAdmin('', {
        method: 'PUT',
        body: replaced,
        headers: { ...(ifMatch !== undefined && { 'if-match': ifMatch }) },
      });

    expect(await put()).toMatchObject({ status: 428, body: { code: 'ETAG_MISSING' } });
    expect(await put('"0"')).toMatchObject({ status: 412, body: { code: 'WORKFLOW_CHANGED' } });
    expect(await put('nonsense')).toMatchObject({ status: 400, body: { code: 'ETAG_INVALID' } });
    const first = await put(etag);
    expect(first).toMatchObject({ status: 200, body: { revision: 2, timeoutMs: 5_000 } });
    // Its own answer has the tag of what is there now; the one before is no longer right.
    expect(await put(etag)).toMatchObject({ status: 412 });
    const again = await put(first.headers.get('etag') ?? '');
    expect(again).toMatchObject({ status: 200, body: { revision: 2 } });

    const revision = await waitFor('a run of the new revision', async () => {
      const answer = await send();
      const activityid = activityIdIn(answer);
      const activity = await ask(`${system.executorUrl}/api/v2/activities/${activityid}`, {
        token: system.adminToken,
      });
      const { workflowRevision } = activity.body as { readonly workflowRevision: number };
      return workflowRevision === 2 ? workflowRevision : undefined;
    });
    expect(revision).toBe(2);
  });

  it('deletes the workflow: accepted events run, new ones are refused, and its id stays taken', async () => {
    const accepted = (await send()).body as { readonly activityid: string };

    expect(await asAdmin('', { method: 'DELETE', headers: { 'if-match': '"0"' } })).toMatchObject({
      status: 412,
    });
    expect((await asAdmin('', { method: 'DELETE' })).status).toBe(204);

    await untilRefused(403, 'TOKEN_INVALID');
    expect(await system.api.untilFinal(accepted.activityid)).toMatchObject({ status: 'succeeded' });
    expect((await asAdmin('')).status).toBe(404);
    expect((await asAdmin('', { method: 'DELETE' })).status).toBe(404);
    const create = (id?: string): Promise<Answer> =>
      ask(`${system.executorUrl}/api/v2/workflows`, {
        method: 'POST',
        token: system.adminToken,
        body: { ...keepingWorkflow(`change-${driver}-${names}`), ...(id !== undefined && { id }) },
      });
    const taken = {
      code: 'WORKFLOW_EXISTS',
      detail: expect.stringContaining(`PUT /api/v2/workflows/${workflow.id};`) as string,
    };
    expect(await create()).toMatchObject({ status: 409, body: taken });
    expect(await create(workflow.id)).toMatchObject({ status: 409, body: taken });
    expect((await create(`again-${driver}-${names}`)).status).toBe(201);
  });

  it('is one line in the log, with who changed what', async () => {
    await asAdmin('', { method: 'PATCH', body: { status: 'active' } });
    await ask(`${system.executorUrl}/api/v2/workflows/${workflow.id}`, { method: 'DELETE' });

    const audits = await waitFor('the lines of both', async () => {
      const lines = (await system.logs()).split('\n').filter((line) => line.includes('"audit"'));
      const all = lines
        .map((line) => (JSON.parse(line) as { readonly audit: object }).audit)
        .filter((audit) => JSON.stringify(audit).includes(workflow.id));
      return all.length >= 3 ? all : undefined;
    });
    const action = (method: string): string => `${method} /api/v2/workflows/:id`;
    const target = { id: workflow.id };
    const granted = { id: expect.any(String) as string, label: expect.any(String) as string };
    expect(audits).toMatchObject([
      {
        ...{ principal: 'administrator', action: 'POST /api/v2/workflows/:id/tokens', status: 201 },
        granted,
      },
      { principal: 'administrator', action: action('PATCH'), target, status: 200 },
      { action: action('DELETE'), target, status: 401 },
    ]);
    expect(JSON.stringify(audits)).not.toContain(system.adminToken);
  });
});
