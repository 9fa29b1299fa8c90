import { createHmac, randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { CloudEvent } from 'cloudevents';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow } from './support/run-workflow.js';
import { type Call, TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

const KEY = randomBytes(32);

let system: FlowSystem;
let target: TargetServer;
let names = 0;

beforeAll(async () => {
  target = await TargetServer.start();
  const SECRETS_KEY = 'a key of at least thirty-two characters';
  system = await FlowSystem.start({
    servers: 'shared',
    executorEnv: { OUTBOX_RETRY_MS_MAX: '1000' },
    envOfEach: () => ({ SECRETS_KEY }),
  });
  const answer = await ask(`${system.executorUrl}/api/v2/task-secrets/ops`, {
    method: 'PUT',
    token: system.adminToken,
    body: { value: `whsec_${KEY.toString('base64')}` },
  });
  expect(answer.status).toBe(200);
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

function notifying(notify: object, status = 'succeeded'): Promise<CreatedWorkflow> {
  names += 1;
  const tasks = { end: { 'set-status': { status } } };
  const name = `notifying-${names}`;
  return system.api.createWorkflow({ name, tasks: { say: tasks.end }, notify: [notify] });
}

function untilCalled(path: string, count = 1): Promise<readonly Call[]> {
  return waitFor(`the call of ${path}`, () => {
    const calls = target.callsTo(path);
    return calls.length >= count ? calls : undefined;
  });
}

it('the end of a run is sent as a signed webhook, once', async () => {
  const workflow = await notifying({ url: `${target.url}/ends`, secret: 'ops' });
  const { id } = await runWorkflow(system, workflow);

  const [call] = await untilCalled('/ends');
  const { 'webhook-id': message = '', 'webhook-timestamp': time = '' } = call?.headers ?? {};
  const signed = `${String(message)}.${String(time)}.${call?.body ?? ''}`;
  const signature = createHmac('sha256', KEY).update(signed).digest('base64');
  expect(call?.headers['webhook-signature']).toBe(`v1,${signature}`);
  const event = new CloudEvent<unknown>(JSON.parse(call?.body ?? '') as object);
  expect(event.validate()).toBe(true);
  expect(event).toMatchObject({
    id: message,
    type: 'io.boomerang.event.status.workflowrun',
    data: { activityid: id, workflowId: workflow.id, status: 'succeeded' },
  });
  await waitFor('the end of the delivery', async () => {
    const view = await system.api.activity(id);
    return view?.wakeAt === undefined ? true : undefined;
  });
});

it('a webhook is repeated with the same id until it is accepted', async () => {
  target.replyWith(({ path }) => ({ status: target.callsTo(path).length < 3 ? 503 : 204 }));
  await runWorkflow(
    system,
    await notifying({ url: `${target.url}/again`, on: ['failed'] }, 'failed'),
  );

  const calls = await untilCalled('/again', 3);
  expect(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
});

it('a webhook that was given up is listed, and ends without notify send none', async () => {
  target.replyWith(() => ({ status: 410 }));
  const url = `${target.url}/gone`;
  await runWorkflow(system, await notifying({ url, on: ['failed'] }));
  const { id } = await runWorkflow(system, await notifying({ url }));

  const view = await waitFor('what was given up', async () => {
    const answer = await ask(`${system.executorUrl}/api/v2/activities/${id}`, {
      token: system.adminToken,
    });
    const { undelivered } = answer.body as { readonly undelivered?: readonly unknown[] };
    return undelivered;
  });
  expect(view).toMatchObject([{ kind: 'webhook', code: 'WEBHOOK_GIVEN_UP' }]);
  expect(target.callsTo('/gone')).toHaveLength(1);
});
