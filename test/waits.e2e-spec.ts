import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type Answer, ask } from './support/answer.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { startWorkflow, taskOf } from './support/run-workflow.js';

jest.setTimeout(300_000);

/** So that what a dead executor had is found soon. */
const SOON = { LEASE_MS: '1000', SWEEP_INTERVAL_MS: '200', NATS_ACK_WAIT_MS: '1000' };

const ORDER = {
  name: 'order',
  tasks: {
    nap: { sleep: '3s' },
    paid: { 'wait-for-event': 'paid', needs: 'nap', timeout: '30d' },
    ask: { approval: { group: 'finance', instructions: 'Is it plausible?' }, needs: 'paid' },
    pack: { manual: 'Pack it.', needs: 'ask' },
    keep: {
      'set-property': { output: 'paid', value: '$(tasks.paid.results.data)' },
      needs: 'pack',
    },
  },
};

let system: FlowSystem;
let order: CreatedWorkflow;
let other: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared', executorEnv: SOON });
  order = await system.api.createWorkflow(ORDER);
  other = await system.api.createWorkflow({ ...ORDER, name: 'other' });
});

afterAll(() => system.stop());

/** Until the activity waits for that in this task. */
function waitingFor(id: string, task: string): Promise<ActivityView> {
  return waitFor(`${task} of ${id}`, async () => {
    const activity = await system.api.activity(id);
    return activity?.waitingFor?.some((wait) => 'task' in wait && wait.task === task)
      ? activity
      : undefined;
  });
}

function callback(
  path: string,
  query: Readonly<Record<string, string>>,
  more: object = {},
): Promise<Answer> {
  const search = new URLSearchParams(query).toString();
  const send = (): Promise<Answer> =>
    ask(`${system.listenerUrl}${path}?${search}`, { method: 'POST', token: order.token, ...more });
  // A store that is busy with other tests is a 503, and a sender comes again.
  return waitFor('an answer', async () => {
    const answer = await send();
    return answer.status === 503 ? undefined : answer;
  });
}

function tell(
  id: string,
  task: string,
  what: string,
  body: unknown = {},
  token = system.adminToken,
): Promise<Answer> {
  const route = `/api/v2/activities/${id}/tasks/${encodeURIComponent(task)}/${what}`;
  return ask(`${system.executorUrl}${route}`, { method: 'POST', token, body });
}

async function killExecutor(): Promise<void> {
  const [executor] = system.executors;
  await executor.kill();
  await executor.restart();
}

describe('an order that waits for time, an event and people', () => {
  it('continues from each wait after its executor was killed, and ends', async () => {
    const id = await startWorkflow(system, order);
    await waitingFor(id, 'nap');
    await killExecutor();
    await waitingFor(id, 'paid');
    await killExecutor();

    const body = { sum: 12 };
    expect(await callback('/api/v2/callback', { ref: id, topic: 'paid' }, { body })).toMatchObject({
      status: 202,
      body: { activityid: id, topic: 'paid', status: 'succeeded' },
    });
    const asking = await waitingFor(id, 'ask');
    expect(taskOf(asking, 'ask')).toMatchObject({
      approval: { open: 1, group: 'finance', instructions: 'Is it plausible?' },
    });
    await killExecutor();

    const vote = { verdict: 'approved', comment: 'It is.' };
    expect(await tell(id, 'ask', 'vote', vote)).toMatchObject({ status: 202 });
    await waitingFor(id, 'pack');
    expect(await tell(id, 'ask', 'vote', vote)).toMatchObject({
      status: 409,
      body: { code: 'TASK_NOT_WAITING' },
    });
    expect(await tell(id, 'pack', 'vote', { verdict: 'approved' })).toMatchObject({ status: 202 });

    const over = await system.api.untilFinal(id);
    expect(over).toMatchObject({ status: 'succeeded', results: { paid: body } });
    expect(taskOf(over, 'ask')).toMatchObject({
      results: { votes: [{ verdict: 'approved', comment: 'It is.' }] },
    });
    expect(await callback('/api/v2/callback', { ref: id, topic: 'paid' })).toMatchObject({
      status: 409,
      body: { code: 'ACTIVITY_ENDED' },
    });
  });

  it("receives an event that comes early, in Boomerang's form, once", async () => {
    const id = await startWorkflow(system, order);
    await waitingFor(id, 'nap');
    const query = {
      workflowId: order.id,
      workflowActivityId: id,
      topic: 'paid',
      status: 'FAILURE',
    };
    const headers = { 'Idempotency-Key': 'one' };
    for (let times = 0; times < 2; times += 1) {
      const answer = await callback('/listener/webhook/wfe', query, {
        body: 'no',
        headers: { ...headers, 'content-type': 'text/plain' },
      });
      expect(answer).toMatchObject({ status: 202, body: { status: 'failed' } });
    }

    const over = await system.api.untilFinal(id);
    expect(over).toMatchObject({ status: 'failed', failure: { code: 'EVENT_FAILED' } });
    expect(taskOf(over, 'paid')).toMatchObject({ results: { data: 'no', status: 'failed' } });
  });

  it('cannot be reached with the token of another workflow', async () => {
    const id = await startWorkflow(system, order);
    const { token } = other;
    const before = await waitingFor(id, 'paid');

    for (const query of [
      { ref: id, topic: 'paid' },
      { workflowId: other.id, workflowActivityId: id, topic: 'paid' },
    ]) {
      const foreign = await callback('/api/v2/callback', query, { token });
      expect(foreign).toMatchObject({ status: 404, body: { code: 'ACTIVITY_NOT_FOUND' } });
    }
    const named = { workflowId: order.id, workflowActivityId: id, topic: 'paid' };
    expect(await callback('/api/v2/callback', named, { token })).toMatchObject({ status: 403 });
    expect(
      await callback('/api/v2/callback', { ref: id, topic: 'paid' }, { token: 'bfw_x' }),
    ).toMatchObject({ status: 403 });
    const noToken = await ask(`${system.listenerUrl}/api/v2/callback?ref=${id}&topic=paid`);
    expect(noToken).toMatchObject({ status: 401 });
    expect((await system.api.activity(id))?.waitingFor).toEqual(before.waitingFor);
  });

  it('ignores callbacks that are invalid, too large or by HEAD', async () => {
    const id = await startWorkflow(system, order);
    await waitingFor(id, 'paid');

    const wrong = { ref: id, topic: 'paid', status: 'perhaps' };
    expect(await callback('/api/v2/callback', wrong)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'status' }] },
    });
    expect(await callback('/api/v2/callback', { ref: id })).toMatchObject({ status: 400 });
    const head = await fetch(`${system.listenerUrl}/api/v2/callback?ref=${id}&topic=paid`, {
      method: 'HEAD',
      headers: { Authorization: `Bearer ${order.token}` },
    });
    expect(head.status).toBe(200);
    const large = { body: 'x'.repeat(70_000), headers: { 'content-type': 'text/plain' } };
    expect(await callback('/api/v2/callback', { ref: id, topic: 'paid' }, large)).toMatchObject({
      status: 413,
    });
    await waitingFor(id, 'paid');
    const link = `${system.listenerUrl}/api/v2/callback?ref=${id}&topic=paid&access_token=${order.token}`;
    expect(await ask(link)).toMatchObject({ status: 202 });
    await waitingFor(id, 'ask');
    expect(await tell(id, 'ask', 'vote', { verdict: 'rejected', comment: 'no' })).toMatchObject({
      status: 202,
    });
    expect(await system.api.untilFinal(id)).toMatchObject({
      status: 'failed',
      failure: { code: 'VOTE_REJECTED' },
    });
  });
});

describe('an operator', () => {
  it('completes, fails, skips and retries a task that does not end, which is recorded', async () => {
    const forced = { by: 'administrator', reason: 'the bank is closed' };
    const id = await startWorkflow(system, order);
    await waitingFor(id, 'paid');
    const { reason } = forced;
    expect(await tell(id, 'paid', 'retry', { reason })).toMatchObject({ status: 202 });
    await waitFor('another attempt', async () => {
      const activity = await system.api.activity(id);
      const task = activity && (taskOf(activity, 'paid') as { readonly attempt?: number });
      return task?.attempt === 2 ? true : undefined;
    });
    await killExecutor();
    const done = { reason, results: { data: 'by hand' } };
    expect(await tell(id, 'paid', 'complete', done)).toMatchObject({ status: 202 });
    const asking = await waitingFor(id, 'ask');
    expect(taskOf(asking, 'paid')).toMatchObject({
      status: 'succeeded',
      results: done.results,
      forced: { reason },
    });
    expect(await tell(id, 'paid', 'fail')).toMatchObject({ status: 409 });
    expect(await tell(id, 'nothing', 'fail')).toMatchObject({ status: 404 });
    expect(await tell(id, 'ask', 'skip', { reason })).toMatchObject({ status: 202 });
    const skipped = await system.api.untilFinal(id);
    expect(taskOf(skipped, 'ask')).toMatchObject({ status: 'skipped', forced: { reason } });

    const failing = await startWorkflow(system, order);
    await waitingFor(failing, 'paid');
    expect(await tell(failing, 'paid', 'fail', { reason })).toMatchObject({ status: 202 });
    expect(await system.api.untilFinal(failing)).toMatchObject({
      status: 'failed',
      failure: { code: 'TASK_FORCED', message: expect.stringContaining(reason) as string },
    });
  });
});

describe('two people of a group', () => {
  interface NewToken {
    readonly id: string;
    readonly token: string;
  }

  async function tokenFor(label: string, groups: readonly string[]): Promise<NewToken> {
    const body = { label, role: 'approver', groups };
    const answer = await system.asAdmin('/api/v2/tokens', { method: 'POST', body });
    expect(answer).toMatchObject({ status: 201, body: { label, groups } });
    return answer.body as NewToken;
  }

  it('approve with one vote each, and nobody else can', async () => {
    const ask = { approval: { group: 'finance', approvers: 2 } };
    const workflow = await system.api.createWorkflow({ name: 'of-two', tasks: { ask } });
    const ada = await tokenFor('ada', ['finance']);
    const bob = await tokenFor('bob', ['audit', 'finance']);
    const eve = await tokenFor('eve', ['sales']);
    const gone = await tokenFor('gone', ['finance']);
    const id = await startWorkflow(system, workflow);
    await waitingFor(id, 'ask');
    const vote = ({ token }: NewToken): Promise<Answer> =>
      tell(id, 'ask', 'vote', { verdict: 'approved' }, token);

    expect(await system.asAdmin(`/api/v2/tokens/${gone.id}`, { method: 'DELETE' })).toMatchObject({
      status: 204,
    });
    expect(await vote(gone)).toMatchObject({ status: 403, body: { code: 'ADMIN_TOKEN_INVALID' } });
    expect(await vote(eve)).toMatchObject({
      status: 403,
      body: { code: 'VOTER_NOT_ASKED', detail: expect.stringContaining('"finance"') as string },
    });
    expect(await tell(id, 'ask', 'complete', {}, ada.token)).toMatchObject({
      status: 403,
      body: { code: 'PERMISSION_DENIED' },
    });
    expect(await vote(ada)).toMatchObject({ status: 202 });
    expect(await vote(ada)).toMatchObject({ status: 409, body: { code: 'VOTE_GIVEN' } });
    expect(await vote(bob)).toMatchObject({ status: 202 });

    const over = await system.api.untilFinal(id);
    expect(over).toMatchObject({ status: 'succeeded' });
    expect(taskOf(over, 'ask')).toMatchObject({ results: { by: ['ada', 'bob'] } });
  });

  it('are listed without their tokens, with unique labels', async () => {
    const { id, token } = await tokenFor('zoe', []);

    const list = await system.asAdmin('/api/v2/tokens');
    expect(list).toMatchObject({ status: 200 });
    const { tokens } = list.body as { readonly tokens: readonly object[] };
    expect(tokens).toContainEqual(expect.objectContaining({ id, label: 'zoe', role: 'approver' }));
    expect(JSON.stringify(list.body)).not.toMatch(/hash|bfp_/);
    expect(await ask(`${system.executorUrl}/api/v2/tokens`, { token })).toMatchObject({
      status: 403,
      body: { code: 'PERMISSION_DENIED' },
    });
    const again = { method: 'POST', body: { label: 'zoe', role: 'viewer' } };
    expect(await system.asAdmin('/api/v2/tokens', again)).toMatchObject({
      status: 409,
      body: { code: 'API_TOKEN_EXISTS' },
    });
  });
});
