import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { CloudEvent, HTTP } from 'cloudevents';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../tools/project/wait-for.mjs';
import { activityIdIn, ask } from './support/answer.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { forkBomb } from './support/fork-bomb.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow, taskOf } from './support/run-workflow.js';
import { type Call, TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

const SECRETS_KEY = 'a key of at least thirty-two characters';
const HOOK = `whsec_${randomBytes(32).toString('base64')}`;
const HOPS_MAX = 3;
const DESCENDANTS_MAX = 10;

type Params = Readonly<Record<string, unknown>>;

let system: FlowSystem;
let target: TargetServer;
let nats: NatsConnection;
let names = 0;

beforeAll(async () => {
  target = await TargetServer.start();
  const executorEnv = {
    EVENT_TASK_HOPS_MAX: String(HOPS_MAX),
    CHILD_DESCENDANTS_MAX: String(DESCENDANTS_MAX),
  };
  const envOfEach = (): Readonly<Record<string, string>> => ({ SECRETS_KEY });
  system = await FlowSystem.start({ executorEnv, envOfEach });
  nats = await connect({ servers: system.natsUrl ?? '' });
  const { streams } = await jetstreamManager(nats);
  await streams.add({ name: 'ORDERS', subjects: ['flow.out.orders.>'] });
  await secret('/api/v2/task-secrets/hook', HOOK);
});

afterAll(async () => {
  await nats.close();
  await system.stop();
  await target.stop();
});

async function secret(path: string, value: string): Promise<void> {
  const body = { value };
  const url = `${system.executorUrl}${path}`;
  const answer = await ask(url, { method: 'PUT', token: system.adminToken, body });
  expect(answer.status).toBe(200);
}

function telling(event: Params, more: Params = {}): Promise<CreatedWorkflow> {
  names += 1;
  const tasks = { tell: { event, ...more } };
  return system.api.createWorkflow({ name: `telling-${names}`, tasks });
}

function eventOf({ headers, body }: Call): CloudEvent<unknown> {
  const event = HTTP.toEvent<unknown>({ headers, body });
  if (Array.isArray(event)) throw new Error('It is a batch');
  // It is checked once more.
  return new CloudEvent(event);
}

describe('an event that goes to a URL', () => {
  it.each(['binary', 'structured'] as const)(
    'is valid for the CloudEvents SDK in %s mode',
    async (mode) => {
      const workflow = await telling({
        url: `${target.url}/${mode}`,
        mode,
        type: 'com.example.order.paid',
        subject: '$(params.order)',
        data: { order: '$(params.order)', name: 'Grüße "€"' },
        extensions: { tenant: 'a' },
      });
      const activity = await runWorkflow(system, workflow, { data: { order: '4711' } });

      expect(activity.status).toBe('succeeded');
      const [call] = target.callsTo(`/${mode}`);
      if (!call) throw new Error('It did not arrive');
      const event = eventOf(call);
      expect(event.validate()).toBe(true);
      expect(event).toMatchObject({
        id: `${activity.id}:tell:1`,
        source: `/workflows/${workflow.id}`,
        type: 'com.example.order.paid',
        subject: '4711',
        tenant: 'a',
        data: { order: '4711', name: 'Grüße "€"' },
      });
      expect(taskOf(activity, 'tell')).toMatchObject({
        results: { id: event.id, statusCode: 200 },
      });
    },
  );

  it('keeps its id when it is sent again after an unknown outcome', async () => {
    target.replyWith(() => ({ status: target.callsTo('/again').length < 2 ? 504 : 202 }));
    const event = { url: `${target.url}/again`, type: 'again' };
    const workflow = await telling(event, { retry: { attemptsMax: 3, delay: '1ms' } });

    const activity = await runWorkflow(system, workflow);

    expect(activity.status).toBe('succeeded');
    const ids = target.callsTo('/again').map((call) => eventOf(call).id);
    expect(ids).toEqual([`${activity.id}:tell:1`, `${activity.id}:tell:1`]);
  });

  it('is not sent to an address that is not public', async () => {
    const workflow = await telling({ url: 'http://169.254.169.254/events', type: 'a' });

    expect((await runWorkflow(system, workflow)).failure).toMatchObject({
      code: 'HTTP_ADDRESS_REFUSED',
    });
  });
});

describe('an event that starts another workflow of the installation', () => {
  /** One that keeps what it was sent, and a task that sends to it. */
  async function receiving(name: string): Promise<CreatedWorkflow> {
    const keep = { 'set-property': { output: 'got', value: '$(params.order)' } };
    return system.api.createWorkflow({ name, tasks: { keep } });
  }

  async function onlyRunOf({ id }: CreatedWorkflow): Promise<ActivityView> {
    const found = await waitFor('the run', async () => (await system.api.activities(id)).at(0));
    return system.api.untilFinal(found.id);
  }

  it('is accepted with a token that is a secret of the installation', async () => {
    const receiver = await receiving('receiver');
    await secret('/api/v2/task-secrets/receiver-token', receiver.token);
    const workflow = await telling({
      url: `${system.listenerUrl}/api/v2/event?ref=${receiver.id}`,
      type: 'com.example.order.paid',
      headers: { Authorization: 'Bearer $(secrets.receiver-token)' },
      data: { order: '$(params.order)' },
    });

    const activity = await runWorkflow(system, workflow, { data: { order: '4711' } });

    expect(activity.status).toBe('succeeded');
    const started = await onlyRunOf(receiver);
    expect(started).toMatchObject({
      results: { got: '4711' },
      event: { id: `${activity.id}:tell:1`, source: `/workflows/${workflow.id}` },
    });
    expect(taskOf(activity, 'tell')).toMatchObject({
      results: { body: { activityid: started.id } },
    });
    expect(JSON.stringify(activity)).not.toContain(receiver.token);
  });

  it('is accepted by its signature', async () => {
    const receiver = await receiving('signed-receiver');
    const made = await ask(`${system.executorUrl}/api/v2/workflows/${receiver.id}/secrets`, {
      method: 'POST',
      token: system.adminToken,
      body: { label: 'flow', provider: 'standard-webhooks', secret: HOOK },
    });
    expect(made.status).toBe(201);
    const workflow = await telling({
      url: `${system.listenerUrl}/api/v2/webhook/standard-webhooks?ref=${receiver.id}`,
      type: 'com.example.order.paid',
      sign: '$(secrets.hook)',
      data: { order: '0815' },
    });

    const activity = await runWorkflow(system, workflow);

    expect(activity).toMatchObject({ status: 'succeeded' });
    expect(await onlyRunOf(receiver)).toMatchObject({ results: { got: '0815' } });
  });

  it.each(['event', 'webhook'])(
    'is refused when workflows start each other in a circle by their %s trigger',
    async (trigger) => {
      const circle = await telling({
        url: '$(params.self)',
        type: 'round.and.round',
        headers: { Authorization: 'Bearer $(secrets.circle)' },
        data: { self: '$(params.self)' },
      });
      await secret(`/api/v2/workflows/${circle.id}/task-secrets/circle`, circle.token);
      const self = `${system.listenerUrl}/api/v2/${trigger}?ref=${circle.id}`;
      await runWorkflow(system, circle, { data: { self } });

      const last = await waitFor('the last round', async () =>
        (await system.api.activities(circle.id, 'failed')).at(0),
      );

      expect(last.failure).toMatchObject({ code: 'EVENT_HOPS_EXCEEDED' });
      const all = await system.api.everyActivityId(circle.id);
      expect(all).toHaveLength(HOPS_MAX + 1);
    },
  );
});

/** Each run sends two events that start another, and begins one itself. */
describe('a workflow that starts itself in three ways at once', () => {
  it('is stopped by CHILD_DESCENDANTS_MAX, which its failure names', async () => {
    const bomb = await system.api.createWorkflow(forkBomb('bomb', '$(secrets.bomb)'));
    await secret(`/api/v2/workflows/${bomb.id}/task-secrets/bomb`, bomb.token);
    await runWorkflow(system, bomb, { data: { listener: system.listenerUrl } });

    // The first one, the three that it begins, and as many as may be behind those.
    const runsMax = 1 + 3 + DESCENDANTS_MAX;
    const runs = await waitFor('the end of all', async () => {
      const all = await system.api.everyActivity(bomb.id);
      const begun = all.filter(({ failure }) => failure?.level !== 'workflow');
      return begun.length >= runsMax && begun.every(({ endedAt }) => endedAt) ? begun : undefined;
    });
    expect(runs).toHaveLength(runsMax);
    const views = await Promise.all(runs.map(({ id }) => system.api.untilFinal(id)));
    const failures = views.flatMap(({ tasks }) => tasks.flatMap(({ failure = [] }) => failure));
    const codes = new Map(failures.map(({ code, message }) => [code, message]));
    expect(codes.get('EVENT_TOO_MANY')).toContain('raise CHILD_DESCENDANTS_MAX');
    expect(codes.get('CHILD_TOO_MANY')).toContain('CHILD_DESCENDANTS_MAX');
  });
});

describe('an event that goes to NATS', () => {
  it('is stored once in the stream of its subject', async () => {
    const workflow = await telling({
      nats: 'flow.out.orders.$(params.order)',
      type: 'com.example.order.paid',
      mode: 'structured',
      data: { order: '$(params.order)' },
    });

    const activity = await runWorkflow(system, workflow, { data: { order: '4711' } });

    const { streams } = await jetstreamManager(nats);
    const subject = 'flow.out.orders.4711';
    const message = await streams.getMessage('ORDERS', { last_by_subj: subject });
    expect(message?.json()).toMatchObject({ id: `${activity.id}:tell:1`, data: { order: '4711' } });
    expect(taskOf(activity, 'tell')).toMatchObject({
      results: { stream: 'ORDERS', sequence: message?.seq, duplicate: false },
    });
  });

  it('fails if no stream takes it, unless it is not to be stored', async () => {
    const event = { nats: 'flow.out.nobody', type: 'a' };

    expect((await runWorkflow(system, await telling(event))).failure).toMatchObject({
      code: 'EVENT_NO_STREAM',
    });
    const heard = nats.subscribe('flow.out.nobody', { max: 1 });
    await nats.flush();
    const activity = await runWorkflow(system, await telling({ ...event, stored: false }));
    expect(activity.status).toBe('succeeded');
    const seen: unknown[] = [];
    for await (const { headers } of heard) seen.push(headers?.get('ce-id'));
    expect(seen).toEqual([`${activity.id}:tell:1`]);
  });

  it.each([
    'flow.event.abc',
    'flow.task.a.default.b',
    '$JS.API.STREAM.DELETE.ORDERS',
    '_INBOX.a',
    'orders.paid',
  ])('is not published on %s', async (subject) => {
    const workflow = await telling({ nats: '$(params.subject)', type: 'a' });

    expect((await runWorkflow(system, workflow, { data: { subject } })).failure).toMatchObject({
      code: 'EVENT_SUBJECT_REFUSED',
    });
  });

  it('waits while NATS is not available, and is sent when it is back', async () => {
    const workflow = await telling({ nats: 'flow.out.orders.late', type: 'a' });
    await nats.close();
    await system.nats.stop();
    const answer = await ask(`${system.listenerUrl}/api/v2/event?ref=${workflow.id}`, {
      method: 'POST',
      token: workflow.token,
      headers: { 'content-type': 'application/cloudevents+json' },
      body: { specversion: '1.0', id: 'late', source: '/test', type: 'a' },
    });
    expect(answer.status).toBe(202);
    const activityid = activityIdIn(answer);
    const waiting = await waitFor('the wait', async () => {
      const view = await system.api.activity(activityid);
      return view?.waitingFor?.some(({ kind }) => kind === 'slot') ? view : undefined;
    });
    expect(waiting.waitingFor?.[0]?.what).toContain('NATS is away');

    await system.nats.restart();
    nats = await connect({ servers: system.natsUrl ?? '' });
    expect(await system.api.untilFinal(activityid)).toMatchObject({ status: 'succeeded' });
  });
});
