import { jest } from '@jest/globals';
import { operationsUrl } from '../tools/start/app-process.mjs';
import { waitFor } from '../tools/project/wait-for.mjs';
import { activityIdIn, type Answer, ask } from './support/answer.js';
import { chain, httpTask, keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { metricOf } from './support/metric.js';
import { newEvent } from './support/sample-event.js';
import { type EventAttributes, sendBatch, sendStructured } from './support/send.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

let system: FlowSystem;
let target: TargetServer;
let workflow: CreatedWorkflow;

beforeAll(async () => {
  target = await TargetServer.start();
  system = await FlowSystem.start({ servers: 'shared' });
  workflow = await system.api.createWorkflow(keepingWorkflow('seen'));
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

describe('metrics', () => {
  it.each([
    ['flow_events_accepted_total', () => send()],
    ['flow_events_rejected_total{code="TOKEN_INVALID"}', () => send({}, 'wrong')],
    ['flow_events_rejected_total{code="EVENT_INVALID"}', () => send({ type: undefined })],
    [
      'flow_events_rejected_total{code="METHOD_NOT_ALLOWED"}',
      () => ask(`${system.listenerUrl}/listener/event`),
    ],
    [
      'flow_events_rejected_total{code="ROUTE_NOT_FOUND"}',
      () => ask(`${system.listenerUrl}/nowhere`),
    ],
    ['flow_dispatched_total{transport="nats"}', () => send()],
    ['flow_batch_size_count{kind="record"}', () => send()],
    ['flow_http_requests_total{status="202"}', () => send()],
    ['flow_http_request_seconds_count', () => send()],
  ])('of the listener count: %s', async (line, act) => {
    const before = await metricOf(system.listenerUrl, line);

    await act();

    await untilMore(system.listenerUrl, line, before);
  });

  it('count repeated events and conflicts', async () => {
    const event = newEvent(workflow.id);
    const lines = ['flow_events_duplicate_total', 'flow_events_conflict_total'];
    const before = await Promise.all(lines.map((line) => metricOf(system.listenerUrl, line)));

    await sendStructured(system.listenerUrl, event, workflow);
    await sendStructured(system.listenerUrl, event, workflow);
    await sendStructured(system.listenerUrl, { ...event, data: 'other' }, workflow);

    const after = await Promise.all(lines.map((line) => metricOf(system.listenerUrl, line)));
    expect(after).toEqual(before.map((count) => count + 1));
  });

  it('count refused events of a batch', async () => {
    const line = 'flow_events_rejected_total{code="EVENT_INVALID"}';
    const before = await metricOf(system.listenerUrl, line);
    const bad = newEvent(workflow.id, { type: undefined });

    await sendBatch(system.listenerUrl, [bad, newEvent(workflow.id), bad], workflow);

    expect(await metricOf(system.listenerUrl, line)).toBe(before + 2);
  });

  it('count dispatches also without NATS', async () => {
    const overHttp = await FlowSystem.start({ driver: 'http', servers: 'shared' });
    try {
      const { id, token } = await overHttp.api.createWorkflow(keepingWorkflow('over-http'));

      await sendStructured(overHttp.listenerUrl, newEvent(id), { token });

      await untilMore(overHttp.listenerUrl, 'flow_dispatched_total{transport="http"}', 0);
    } finally {
      await overHttp.stop();
    }
  });

  it.each([
    'flow_queue_wait_seconds_count',
    'flow_run_seconds_count{status="succeeded"}',
    'flow_batch_size_count{kind="commit"}',
  ])('of the executor count: %s', async (line) => {
    const before = await metricOf(system.executorUrl, line);

    await send();

    await untilMore(system.executorUrl, line, before);
  });

  it('count activities that have not ended', async () => {
    const waiting = await system.api.createWorkflow(
      chain('backlog', [httpTask('call', { url: `${target.url}/backlog` })]),
    );
    const held = target.hold();
    await sendStructured(system.listenerUrl, newEvent(waiting.id), waiting);

    await waitFor('the backlog', async () =>
      (await metricOf(system.executorUrl, 'flow_backlog{status="running"}')) > 0 ? true : undefined,
    );
    await waitFor('nothing else in hand', async () => {
      const inFlight = await metricOf(system.executorUrl, 'flow_in_flight{what="activities"}');
      return inFlight === 1 || undefined;
    });
    held.release();
  });
});

describe('the port of senders, or of the API', () => {
  it.each(['/metrics', '/health/live', '/health/ready'])('answers 404 to %s', async (path) => {
    const answers = [await ask(system.listenerUrl + path), await ask(system.executorUrl + path)];

    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });
});

describe('health', () => {
  it.each([
    ['listenerUrl', ['mongodb', 'nats']],
    ['executorUrl', ['jetstream', 'mongodb', 'nats', 'schema']],
  ] as const)('of %s is reported', async (app, names) => {
    const live = await ask(`${operationsUrl(system[app])}/health/live`);
    const ready = await ask(`${operationsUrl(system[app])}/health/ready`);

    expect(live).toMatchObject({ status: 200, body: { status: 'live' } });
    expect(ready).toMatchObject({ status: 200, body: { status: 'ready', unmet: [] } });
    const { dependencies } = ready.body as {
      readonly dependencies: readonly Readonly<Record<string, unknown>>[];
    };
    const up = dependencies.filter(({ status }) => status === 'up').map(({ name }) => name);
    expect(up.toSorted()).toEqual(names);
    for (const { since } of dependencies) {
      expect(new Date(String(since)).toISOString()).toBe(since);
    }
  });
});

describe('the log', () => {
  it('has one JSON object a line, without tokens and payloads', async () => {
    const secret = 'PAYLOAD-THAT-NOBODY-MUST-LOG';
    const wrong = 'TOKEN-THAT-NOBODY-MUST-LOG';
    const accepted = await send({ data: { inputs: { key: secret } } });
    await send({ data: secret }, wrong);
    await send({ data: secret, type: undefined });
    await ask(`${system.listenerUrl}/listener/event?access_token=${wrong}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: `{"broken": "${secret}`,
    });
    const activityid = activityIdIn(accepted);
    await system.api.untilFinal(activityid);
    await untilLogged(activityid, 'Activity succeeded');

    const log = await system.logs();

    const lines = log.trimEnd().split('\n');
    expect(lines.filter((line) => !isJsonObject(line))).toEqual([]);
    const secrets = [secret, wrong, workflow.token, system.adminToken, system.internalSecret];
    expect(secrets.filter((text) => log.includes(text))).toEqual([]);
  });

  it('shows the path of an event by the id of its activity and its trace', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const answer = await sendStructured(system.listenerUrl, newEvent(workflow.id), {
      token: workflow.token,
      headers,
    });
    const activityid = activityIdIn(answer);

    const recorded = await untilLogged(activityid, 'Event recorded');
    const ended = await untilLogged(activityid, 'Activity succeeded');

    expect(recorded).toMatchObject({ app: 'listener', traceId, workflowId: workflow.id });
    expect(ended).toMatchObject({ app: 'workflow-executor', traceId, workflowId: workflow.id });
  });

  it('gives the reason of a rejected request, and no token', async () => {
    await send({}, 'wrong');

    const refused = await waitFor('the line', async () =>
      (await linesOfLog()).find(({ code }) => code === 'TOKEN_INVALID'),
    );

    expect(refused).toMatchObject({ app: 'listener', level: 'info', route: '/listener/event' });
  });
});

function send(changes: EventAttributes = {}, token = workflow.token): Promise<Answer> {
  return sendStructured(system.listenerUrl, newEvent(workflow.id, changes), { token });
}

async function untilMore(appUrl: string, line: string, before: number): Promise<void> {
  await waitFor(`more of ${line}`, async () =>
    (await metricOf(appUrl, line)) > before ? true : undefined,
  );
}

async function untilLogged(
  activityId: string,
  message: string,
): Promise<Readonly<Record<string, unknown>>> {
  return waitFor(`"${message}" in the log`, async () =>
    (await linesOfLog()).find(
      (line) => line['activityId'] === activityId && line['msg'] === message,
    ),
  );
}

async function linesOfLog(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const lines = (await system.logs()).split('\n').filter(isJsonObject);
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

function isJsonObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
