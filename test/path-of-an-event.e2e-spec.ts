import { jest } from '@jest/globals';
import { activityIdIn, type Answer, ask } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { newEvent, sampleEvent } from './support/sample-event.js';
import { sendBatch, sendBinary, sendStructured, sendWebhook } from './support/send.js';
import { keepingWorkflow } from './support/definitions.js';

jest.setTimeout(300_000);

interface Receipt {
  readonly activityid: string;
}

let system: FlowSystem;
let workflow: CreatedWorkflow;
let url: string;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  url = system.listenerUrl;
});

afterAll(() => system.stop());

let workflows = 0;

beforeEach(async () => {
  workflows += 1;
  workflow = await system.api.createWorkflow(keepingWorkflow(`way-${workflows}`));
});

describe('the sample event of the original design', () => {
  it.each([
    ['PUT', '/listener/event'],
    ['POST', '/listener/event'],
    ['POST', '/api/v2/event'],
  ] as const)('runs its workflow with its inputs as parameters, by %s %s', async (method, path) => {
    const { token } = workflow;

    const answer = await sendStructured(url, sampleEvent(workflow.id), { method, path, token });

    expect(answer.status).toBe(202);
    const activity = await system.api.untilFinal(activityIdIn(answer));
    expect(activity).toMatchObject({
      workflowId: workflow.id,
      status: 'succeeded',
      results: { kept: 'value' },
    });
  });

  it('is answered with its context attributes, the id of its activity, and no data', async () => {
    const event = sampleEvent(workflow.id);

    const answer = await sendStructured(url, event, workflow);

    const { data: _, ...attributes } = event;
    expect(answer.headers.get('content-type')).toMatch(/^application\/cloudevents\+json/);
    expect(answer.headers.get('idempotent-replayed')).toBeNull();
    const { activityid, ...rest } = answer.body as Receipt;
    expect(activityid).toMatch(/^[0-9a-f]{64}$/);
    expect(rest).toEqual(attributes);
  });

  it('is answered with the address of its activity', async () => {
    const answer = await sendStructured(url, sampleEvent(workflow.id), workflow);

    const location = answer.headers.get('location') ?? '';
    const activity = await ask(location, { token: system.adminToken });
    expect(activity).toMatchObject({ status: 200, body: { id: activityIdIn(answer) } });
    expect(activity.body).toMatchObject({ event: sampleEvent(workflow.id), trigger: 'event' });
  });
});

describe('an event', () => {
  it('comes in binary mode as well', async () => {
    const answer = await sendBinary(url, sampleEvent(workflow.id), workflow);

    expect(answer.status).toBe(202);
    const activity = await system.api.untilFinal(activityIdIn(answer));
    expect(activity).toMatchObject({ status: 'succeeded', results: { kept: 'value' } });
  });

  it('is the same event in every mode', async () => {
    const event = sampleEvent(workflow.id);
    const structured = await sendStructured(url, event, workflow);

    const binary = await sendBinary(url, event, workflow);

    expect(binary.headers.get('idempotent-replayed')).toBe('true');
    expect(binary.body).toEqual(structured.body);
  });

  it('keeps its subject when the URL names the workflow', async () => {
    const event = newEvent(workflow.id, { subject: 'pull/12' });
    const path = `/api/v2/event?ref=${workflow.id}`;

    const answer = await sendStructured(url, event, { token: workflow.token, path });

    expect(answer).toMatchObject({ status: 202, body: { subject: 'pull/12' } });
    await system.api.untilFinal(activityIdIn(answer));
  });

  it('cannot set its activity id or bring a token as an attribute', async () => {
    const event = newEvent(workflow.id, { activityid: 'mine', token: 'secret-extension' });

    const answer = await sendStructured(url, event, workflow);

    expect(answer.body).not.toHaveProperty('token');
    expect(activityIdIn(answer)).toMatch(/^[0-9a-f]{64}$/);
    const location = answer.headers.get('location') ?? '';
    const activity = await ask(location, { token: system.adminToken });
    expect(JSON.stringify(activity.body)).not.toContain('secret-extension');
  });

  it('may have any data: JSON that is no object, text, bytes, or none', async () => {
    const { id, token } = await system.api.createWorkflow(
      keepingWorkflow(`data-${workflow.id}`, { params: [{ name: 'data', default: 'nothing' }] }),
    );
    const without = { data: undefined, datacontenttype: undefined };
    const events = [
      newEvent(id, { data: [1, 'two'] }),
      newEvent(id, { data: 'plain', datacontenttype: 'text/plain' }),
      newEvent(id, { ...without, data_base64: 'AAH/' }),
      newEvent(id, without),
    ];

    const statuses: unknown[] = [];
    for (const event of events) {
      const answer = await sendStructured(url, event, { token });
      const activity = await ask(answer.headers.get('location') ?? '', {
        token: system.adminToken,
      });
      const { event: kept } = activity.body as { readonly event: Record<string, unknown> };
      statuses.push([answer.status, kept['data'] ?? kept['data_base64']]);
    }

    expect(statuses).toEqual([
      [202, [1, 'two']],
      [202, 'plain'],
      [202, 'AAH/'],
      [202, undefined],
    ]);
  });
});

describe('a batch', () => {
  it('is answered with a receipt for each event, in its order', async () => {
    const events = ['a', 'b', 'c'].map((id) => newEvent(workflow.id, { id }));

    const answer = await sendBatch(url, events, workflow);

    expect(answer.status).toBe(202);
    expect(answer.headers.get('content-type')).toMatch(/^application\/cloudevents-batch\+json/);
    const receipts = answer.body as readonly Receipt[];
    expect(receipts).toMatchObject([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    for (const { activityid } of receipts) {
      expect(await system.api.untilFinal(activityid)).toMatchObject({ status: 'succeeded' });
    }
  });

  it('is answered with the outcome of each event when some are refused', async () => {
    const good = newEvent(workflow.id, { id: 'good' });
    const bad = newEvent(workflow.id, { id: 'bad', type: undefined });
    const strange = newEvent('no-such-workflow', { id: 'strange' });

    const answer = await sendBatch(url, [bad, good, strange], workflow);

    expect(answer.status).toBe(207);
    expect(answer.body).toMatchObject([
      { id: 'bad', status: 400, code: 'EVENT_INVALID', errors: [{ attribute: 'type' }] },
      { id: 'good', activityid: expect.any(String) as unknown },
      { id: 'strange', status: 403, code: 'TOKEN_INVALID' },
    ]);
  });

  it('is 400 when none of its events is accepted', async () => {
    const bad = newEvent(workflow.id, { type: 7 });

    const answer = await sendBatch(url, [bad, bad], workflow);

    expect(answer).toMatchObject({ status: 400, body: [{ status: 400 }, { status: 400 }] });
  });

  it('may be empty', async () => {
    const answer = await sendBatch(url, [], workflow);

    expect(answer).toMatchObject({ status: 202, body: [] });
  });

  it('is refused as a whole when its events have different versions', async () => {
    const old = newEvent(workflow.id, { specversion: '0.3' });

    const answer = await sendBatch(url, [newEvent(workflow.id), old], workflow);

    expect(answer).toMatchObject({ status: 400, body: { code: 'BATCH_INVALID' } });
    expect(await system.api.activities(workflow.id)).toEqual([]);
  });

  it('is refused as a whole when it has more than BATCH_EVENTS_MAX events', async () => {
    const events = Array.from({ length: 101 }, () => newEvent(workflow.id));

    const answer = await sendBatch(url, events, workflow);

    expect(answer).toMatchObject({ status: 413, body: { code: 'BATCH_TOO_LARGE' } });
    expect(await system.api.activities(workflow.id)).toEqual([]);
  });

  it('may have one event twice, which runs once', async () => {
    const event = newEvent(workflow.id);

    const answer = await sendBatch(url, [event, event], workflow);

    const [first, second] = answer.body as readonly Receipt[];
    expect(answer.status).toBe(202);
    expect(second).toEqual(first);
  });
});

describe('a webhook', () => {
  it.each([
    ['/listener/webhook', 'workflowId'],
    ['/api/v2/webhook', 'ref'],
  ])('at %s runs the workflow that %s names', async (path, parameter) => {
    const query = `${parameter}=${workflow.id}${parameter === 'workflowId' ? '&type=generic' : ''}`;
    const options = { token: workflow.token, path: `${path}?${query}` };

    const answer = await sendWebhook(url, workflow.id, { inputs: { key: 'hooked' } }, options);

    expect(answer).toMatchObject({ status: 202, body: { subject: `/${workflow.id}` } });
    const activity = await system.api.untilFinal(activityIdIn(answer));
    expect(activity).toMatchObject({ trigger: 'webhook', results: { kept: 'hooked' } });
  });

  it('is a new event each time without an Idempotency-Key, and the same one with it', async () => {
    const send = (headers: Readonly<Record<string, string>>): Promise<Answer> =>
      sendWebhook(url, workflow.id, { key: 1 }, { token: workflow.token, headers });
    const first = await send({});
    const second = await send({});
    const keyed = await send({ 'Idempotency-Key': 'delivery-1' });
    const repeated = await send({ 'Idempotency-Key': 'delivery-1' });

    expect(activityIdIn(second)).not.toBe(activityIdIn(first));
    expect(repeated.body).toEqual(keyed.body);
    expect(repeated.headers.get('idempotent-replayed')).toBe('true');
    expect(await system.api.activities(workflow.id)).toHaveLength(3);
  });

  it('with a known Idempotency-Key and another body is refused', async () => {
    const options = { token: workflow.token, headers: { 'Idempotency-Key': 'delivery-1' } };
    await sendWebhook(url, workflow.id, { key: 1 }, options);

    const other = await sendWebhook(url, workflow.id, { key: 2 }, options);

    expect(other).toMatchObject({ status: 409, body: { code: 'EVENT_CONFLICT' } });
  });

  it.each([
    ['POST', '/listener/webhook?type=carrier-pigeon&workflowId='],
    ['POST', '/api/v2/webhook/carrier-pigeon?ref='],
    ['GET', '/api/v2/webhook/carrier-pigeon?ref='],
  ])('of an unknown type is refused: %s %s', async (method, path) => {
    const { id, token } = workflow;
    const body = method === 'POST' ? {} : undefined;

    const answer = await ask(`${url}${path}${id}`, { method, token, body });

    expect(answer).toMatchObject({ status: 400, body: { code: 'WEBHOOK_TYPE_UNSUPPORTED' } });
  });

  it('is refused if it names no workflow', async () => {
    const options = { token: workflow.token, path: '/api/v2/webhook' };

    const answer = await sendWebhook(url, workflow.id, {}, options);

    expect(answer).toMatchObject({ status: 400, body: { code: 'WORKFLOW_NOT_NAMED' } });
  });
});
