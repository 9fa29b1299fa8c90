import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { ask, type Answer } from './support/answer.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { startWorkflow, taskOf } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

let target: TargetServer;
let system: FlowSystem;

beforeAll(async () => {
  target = await TargetServer.start();
  system = await FlowSystem.start({ servers: 'shared', executors: 2 });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

/** A workflow of two calls; `ship` is answered as the test needs it. */
function ordering(name: string, ship: object = {}, more: object = {}): Record<string, unknown> {
  const post = { method: 'POST', body: { order: '$(params.order)' } };
  return {
    name,
    ...more,
    tasks: {
      pay: { http: { ...post, url: `${target.url}/${name}/pay` } },
      ship: { http: { ...post, url: `${target.url}/${name}/ship` }, needs: 'pay', ...ship },
    },
  };
}

async function replaceBy({ id }: CreatedWorkflow, mended: object): Promise<void> {
  const body = { triggers: { event: { enabled: true } }, ...mended };
  const asking = { method: 'PUT', headers: { 'if-match': '*' }, body };
  expect(await system.asAdmin(`/api/v2/workflows/${id}`, asking)).toMatchObject({ status: 200 });
}

function retry(id: string, body?: object, executorUrl = system.executorUrl): Promise<Answer> {
  const url = `${executorUrl}/api/v2/activities/${id}/retry`;
  return ask(url, { method: 'POST', token: system.adminToken, body });
}

/** Of the retry, to its end. */
async function retried(id: string, body?: object): Promise<ActivityView> {
  const answer = await retry(id, body);
  expect(answer).toMatchObject({ status: 202 });
  const { id: next } = answer.body as { readonly id: string };
  expect(answer.headers.get('location')).toBe(`/api/v2/activities/${next}`);
  return system.api.untilFinal(next);
}

const ORDER = { data: { order: 'a-1' } };

async function failedRun(workflow: CreatedWorkflow): Promise<string> {
  const id = await startWorkflow(system, workflow, ORDER);
  expect(await system.api.untilFinal(id)).toMatchObject({ status: 'failed' });
  return id;
}

function untilAsked(id: string): Promise<ActivityView> {
  return waitFor('the question', async () => {
    const found = await system.api.activity(id);
    return found?.waitingFor?.some(({ kind }) => kind === 'approval') === true ? found : undefined;
  });
}

async function approve(id: string): Promise<void> {
  await untilAsked(id);
  const vote = { method: 'POST', body: { verdict: 'approved' } };
  expect(await system.asAdmin(`/api/v2/activities/${id}/tasks/ask/vote`, vote)).toMatchObject({
    status: 202,
  });
}

function failing(path: string): void {
  target.replyWith(({ path: asked }) =>
    asked === path ? { status: 500 } : { status: 200, body: { receipt: 7 } },
  );
}

function working(): void {
  target.replyWith(() => ({ status: 200, body: { receipt: 8 } }));
}

it('a retry from what failed makes no successful call again, and has its results', async () => {
  const workflow = await system.api.createWorkflow(ordering('goes-on'));
  failing('/goes-on/ship');
  const first = await failedRun(workflow);
  const before = await system.api.activity(first);
  working();

  const second = await retried(first, { reason: 'the shipper is back' });

  expect(second).toMatchObject({
    status: 'succeeded',
    retryOf: { activityId: first, first, attempt: 2, from: 'failed', by: 'administrator' },
  });
  expect(taskOf(second, 'pay')).toMatchObject({
    attempt: 1,
    results: { body: { receipt: 7 } },
  });
  expect(target.callsTo('/goes-on/pay')).toHaveLength(1);
  expect(target.callsTo('/goes-on/ship').map(({ idempotencyKey }) => idempotencyKey)).toEqual([
    `${first}:ship:1`,
    `${first}:ship:2`,
  ]);
  // The record of the first one stays, and says what became of it.
  expect(await system.api.activity(first)).toEqual({ ...before, retriedAs: second.id });
});

it('a retry keeps the key of a call that may have happened', async () => {
  const workflow = await system.api.createWorkflow(ordering('unknown', { timeout: '300ms' }));
  const { release } = target.hold();
  const first = await startWorkflow(system, workflow, ORDER);
  await waitFor('the call', () => target.callsTo('/unknown/pay').length > 0 || undefined);
  release();
  target.hold();
  expect(await system.api.untilFinal(first)).toMatchObject({ status: 'failed' });
  working();

  expect(await retried(first)).toMatchObject({ status: 'succeeded' });

  const keys = target.callsTo('/unknown/ship').map(({ idempotencyKey }) => idempotencyKey);
  expect(new Set(keys)).toEqual(new Set([`${first}:ship:1`]));
});

it('a retry from the start uses the newest revision and other data, if it asks for them', async () => {
  const workflow = await system.api.createWorkflow(ordering('anew'));
  failing('/anew/ship');
  const first = await failedRun(workflow);
  working();
  await replaceBy(workflow, ordering('anew', { http: { url: `${target.url}/anew/ship-2` } }));

  const second = await retried(first, {
    from: 'start',
    revision: 'latest',
    data: { order: 'b-2' },
  });

  expect(second).toMatchObject({ status: 'succeeded', workflowRevision: 2 });
  expect(target.callsTo('/anew/pay').map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { order: 'a-1' },
    { order: 'b-2' },
  ]);
  expect(target.callsTo('/anew/ship-2')).toHaveLength(1);
});

/** At both executors. */
function concurrentRetries(id: string, bodies: readonly object[]): Promise<readonly Answer[]> {
  const urls = system.executors.map(({ port }) => appUrl(port));
  return Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      retry(id, bodies[at % bodies.length], urls[Math.floor(at / bodies.length) % urls.length]),
    ),
  );
}

it('concurrent requests for a retry make one retry', async () => {
  const workflow = await system.api.createWorkflow(ordering('once'));
  failing('/once/ship');
  const first = await failedRun(workflow);
  working();

  const answers = await concurrentRetries(first, [{}]);

  const ids = new Set(answers.map(({ body }) => (body as { readonly id: string }).id));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
  expect(answers.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1);
  expect(ids.size).toBe(1);
  for (const id of ids) await system.api.untilFinal(id);
  expect(target.callsTo('/once/ship')).toHaveLength(2);
  expect(await system.api.activities(workflow.id)).toHaveLength(2);
  expect(await retry(first, { from: 'start' })).toMatchObject({
    status: 409,
    body: { code: 'ACTIVITY_RETRIED' },
  });
});

it('concurrent requests for different retries make one of them, and refuse the others', async () => {
  const workflow = await system.api.createWorkflow(ordering('one-of-two'));
  failing('/one-of-two/ship');
  const first = await failedRun(workflow);
  working();

  const answers = await concurrentRetries(first, [{ from: 'failed' }, { from: 'start' }]);

  const made = answers.filter(({ status }) => status === 202);
  expect(made).toHaveLength(10);
  expect(new Set(made.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  const refused = answers.filter(({ status }) => status !== 202);
  for (const answer of refused)
    expect(answer).toMatchObject({ status: 409, body: { code: 'ACTIVITY_RETRIED' } });
  const { id, retryOf } = made[0]?.body as { id: string; retryOf: { from: string } };
  expect(await system.api.untilFinal(id)).toMatchObject({ status: 'succeeded', retryOf });
  const pays = retryOf.from === 'start' ? 2 : 1;
  expect(target.callsTo('/one-of-two/pay')).toHaveLength(pays);
  expect(await system.api.activities(workflow.id)).toHaveLength(2);
});

it('a retry from the start has no vote, no result and no status of the first run', async () => {
  const workflow = await system.api.createWorkflow({
    name: 'anew-with-people',
    tasks: {
      ask: { approval: {} },
      keep: { 'set-property': { output: 'end', value: '$(params.end)' }, needs: 'ask' },
      status: { 'set-status': '$(params.end)', needs: 'ask' },
    },
  });
  const first = await startWorkflow(system, workflow, { data: { end: 'failed' } });
  await approve(first);
  expect(await system.api.untilFinal(first)).toMatchObject({
    status: 'failed',
    results: { end: 'failed' },
  });

  const answer = await retry(first, { from: 'start', data: { end: 'succeeded' } });
  const { id } = answer.body as { readonly id: string };
  const asking = await untilAsked(id);
  expect(taskOf(asking, 'ask')).toMatchObject({ attempt: 1, approval: { open: 1, votes: [] } });
  expect(asking.results).toEqual({});
  await approve(id);

  expect(await system.api.untilFinal(id)).toMatchObject({
    status: 'succeeded',
    results: { end: 'succeeded' },
  });
});

it('a retry is refused while the run goes on, and after it has succeeded', async () => {
  const workflow = await system.api.createWorkflow(ordering('early'));
  const { release } = target.hold();
  const id = await startWorkflow(system, workflow, ORDER);
  expect(await retry(id)).toMatchObject({ status: 409, body: { code: 'ACTIVITY_NOT_ENDED' } });
  release();
  await system.api.untilFinal(id);

  expect(await retry(id)).toMatchObject({ status: 409, body: { code: 'ACTIVITY_NOT_RETRIABLE' } });
  expect(await retry('nothing')).toMatchObject({ status: 404 });
  const url = `${system.executorUrl}/api/v2/activities/${id}/retry`;
  const sender = { method: 'POST', token: workflow.token };
  expect(await ask(url, sender)).toMatchObject({ status: 403 });
});

it('a failed run begins again by itself if its workflow has retry, and at once if an operator resumes it', async () => {
  const retryOfRun = { retry: { attemptsMax: 2, backoff: 'fixed', delay: '1d', delayMax: '1d' } };
  const workflow = await system.api.createWorkflow(ordering('again', {}, retryOfRun));
  failing('/again/ship');
  const id = await startWorkflow(system, workflow, ORDER);
  const waiting = await waitFor('the wait for another attempt', async () => {
    const found = await system.api.activity(id);
    return found?.waitingFor?.some(({ kind }) => kind === 'retry') === true ? found : undefined;
  });
  expect(waiting).toMatchObject({ status: 'waiting', attempt: 2 });
  working();

  const url = `${system.executorUrl}/api/v2/activities/${id}/resume`;
  const asked = { method: 'POST', token: system.adminToken, body: { reason: 'it is mended' } };
  expect(await ask(url, asked)).toMatchObject({ status: 202 });

  expect(await system.api.untilFinal(id)).toMatchObject({
    status: 'succeeded',
    attempt: 2,
    operations: [{ what: 'resumed', by: 'administrator', reason: 'it is mended' }],
  });
  expect(target.callsTo('/again/pay')).toHaveLength(1);
  expect(target.callsTo('/again/ship').map(({ idempotencyKey }) => idempotencyKey)).toEqual([
    `${id}:ship:1`,
    `${id}:ship:2`,
  ]);
  expect(await ask(url, asked)).toMatchObject({ status: 409, body: { code: 'ACTIVITY_ENDED' } });
});

it('a paused run continues on the newest revision after it was cancelled and retried from what failed', async () => {
  const retry = { retry: { attemptsMax: 1, then: 'pause' } };
  const workflow = await system.api.createWorkflow(ordering('paused', retry));
  failing('/paused/ship');
  const id = await startWorkflow(system, workflow, ORDER);
  await waitFor('the pause', async () => {
    const found = await system.api.activity(id);
    return found?.waitingFor?.some(({ kind }) => kind === 'paused') === true || undefined;
  });
  await replaceBy(workflow, ordering('paused', { http: { url: `${target.url}/paused/ship-2` } }));

  const cancel = `${system.executorUrl}/api/v2/activities/${id}/cancel`;
  await ask(cancel, { method: 'POST', token: system.adminToken, body: { reason: 'on the next' } });
  expect(await system.api.untilFinal(id)).toMatchObject({
    status: 'cancelled',
    operations: [{ what: 'cancelled', by: 'administrator', reason: 'on the next' }],
  });

  expect(await retried(id, { revision: 'latest' })).toMatchObject({ status: 'succeeded' });
  expect(target.callsTo('/paused/pay')).toHaveLength(1);
  expect(target.callsTo('/paused/ship-2')).toHaveLength(1);
});
