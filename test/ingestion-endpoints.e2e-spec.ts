import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type Answer, ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

const PAGE = 'https://app.example';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };

let system: FlowSystem;
let url: string;
let workflow: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({
    servers: 'shared',
    listenerEnv: {
      RATE_LIMIT_PER_SECOND: '1000',
      TOKEN_RATE_LIMIT_PER_SECOND: '20',
      WEBHOOK_ALLOWED_ORIGINS: 'emitter.example',
      CORS_ALLOWED_ORIGINS: PAGE,
    },
  });
  url = system.listenerUrl;
  workflow = await system.api.createWorkflow(keepingWorkflow('ingestion-endpoints'));
});
afterAll(() => system.stop());

/** One of Boomerang Flow's endpoints as its callers write it, with `<id>` for the workflow's. */
type Endpoint = readonly [
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: () => string,
];

const json = { 'content-type': 'application/json; charset=utf-8' };
const event = (): string => JSON.stringify(newEvent(workflow.id));
const binary = {
  ...json,
  'ce-specversion': '1.0',
  'ce-id': 'compatible-1',
  'ce-source': '/s',
  'ce-type': 't',
};
const ENDPOINTS: readonly Endpoint[] = [
  ['POST', '/listener/webhook?workflowId=<id>&type=generic', json, () => '{"a":1}'],
  [
    'POST',
    '/listener/webhook?workflowId=<id>&type=generic',
    FORM,
    () => 'payload=%7B%22a%22%3A1%7D',
  ],
  ['PUT', '/listener/event', STRUCTURED, event],
  ['POST', '/api/v2/webhook?ref=<id>', json, () => '{"a":1}'],
  ['POST', '/api/v2/webhook?workflow=<id>', json, () => '{"a":2}'],
  ['POST', '/api/v2/trigger/webhook?workflow=<id>', json, () => '{"a":3}'],
  ['POST', '/api/v2/event', STRUCTURED, event],
  ['POST', '/api/v2/event?ref=<id>', STRUCTURED, event],
  ['POST', '/api/v2/event?workflow=<id>', binary, () => '{"a":1}'],
];

function call([method, path, headers, body]: Endpoint, token?: string): Promise<Answer> {
  return ask(url + path.replace('<id>', workflow.id), {
    method,
    headers,
    body: body(),
    ...(token !== undefined && { token }),
  });
}

describe.each(ENDPOINTS)('%s %s %j', (...endpoint) => {
  it('accepts a token in the header, 401 without one, 403 with a wrong one', async () => {
    const taken = await waitFor('room for the token', async () => {
      const answer = await call(endpoint, workflow.token);
      return answer.status === 429 ? undefined : answer;
    });

    expect(taken).toMatchObject({
      status: 202,
      body: { activityid: expect.any(String) as unknown },
    });
    expect((await call(endpoint)).status).toBe(401);
    expect((await call(endpoint, 'wrong')).status).toBe(403);
  });
});

describe('callbacks', () => {
  it.each([
    '/listener/webhook/wfe?workflowId=<id>&workflowActivityId=none&topic=t',
    '/api/v2/callback?ref=none&topic=t&status=Succeeded',
    '/api/v2/callback?workflowrun=none&topic=t',
    '/api/v2/wfe?ref=none&topic=t',
  ])('%s accepts GET and POST', async (path) => {
    const at = url + path.replace('<id>', workflow.id);
    const token = await system.api.createToken(workflow.id);

    for (const method of ['GET', 'POST']) {
      const asked = await waitFor('the new token', async () => {
        const answer = await ask(at, { method, token });
        return answer.status === 403 ? undefined : answer;
      });
      expect(asked).toMatchObject({ status: 404, body: { code: 'ACTIVITY_NOT_FOUND' } });
      expect((await ask(at, { method })).status).toBe(401);
      expect((await ask(at, { method, token: 'wrong' })).status).toBe(403);
    }
  });
});

describe('a form', () => {
  const send = (token: string): Promise<Answer> =>
    ask(`${url}/listener/webhook?workflowId=${workflow.id}&type=generic`, {
      method: 'POST',
      headers: FORM,
      body: `a=1&access_token=${token}`,
    });

  it('may have the token in a field; a wrong one is 403', async () => {
    expect((await send(await system.api.createToken(workflow.id))).status).toBe(202);
    expect((await send('wrong')).status).toBe(403);
  });
});

describe('OPTIONS', () => {
  const options = (
    headers: Readonly<Record<string, string>>,
    path = '/api/v2/event',
  ): Promise<Answer> => ask(url + path, { method: 'OPTIONS', headers });

  it('permits an allowed sender, without a token and for any workflow', async () => {
    const headers = { 'webhook-request-origin': 'EMITTER.example', 'webhook-request-rate': '100' };
    const known = await options(headers, `/api/v2/event?ref=${workflow.id}`);
    const unknown = await options(headers, '/api/v2/event?ref=nothing');

    expect(known.status).toBe(200);
    expect(known.headers.get('webhook-allowed-origin')).toBe('emitter.example');
    expect(known.headers.get('webhook-allowed-rate')).toBe('100');
    expect(known.headers.get('allow')).toContain('POST');
    const told = ({ status, headers }: Answer): unknown => [
      status,
      [...headers].filter(([name]) => !['date', 'ratelimit'].includes(name)),
    ];
    expect(told(unknown)).toEqual(told(known));
  });

  it('permits no other sender, and is 404 for an unknown path', async () => {
    const headers = { 'webhook-request-origin': 'evil.example' };
    const { status, headers: told } = await options(headers);

    expect(status).toBe(204);
    expect(told.get('webhook-allowed-origin')).toBeNull();
    expect((await options(headers, '/nothing')).status).toBe(404);
  });

  it('permits scripts of an allowed origin, and of no other', async () => {
    const preflight = (origin: string): Promise<Answer> =>
      options({
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      });
    const allowed = await preflight(PAGE);
    const refused = await sendStructured(url, {}, { headers: { origin: PAGE } });
    const other = await preflight('https://evil.example');

    expect(allowed.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect(other.headers.get('access-control-allow-methods')).toBeNull();
  });
});

describe('a retired workflow', () => {
  it('is 410 for a right token, and 403 like an unknown workflow for a wrong one', async () => {
    const retired = await system.api.createWorkflow(keepingWorkflow('retired'));
    const { status } = await ask(`${system.executorUrl}/api/v2/workflows/${retired.id}`, {
      method: 'PATCH',
      token: system.adminToken,
      body: { status: 'retired' },
    });
    expect(status).toBe(200);
    const told = await waitFor('the change', async () => {
      const answer = await sendStructured(url, newEvent(retired.id), { token: retired.token });
      return answer.status === 202 || answer.status === 429 ? undefined : answer;
    });
    const known = await sendStructured(url, newEvent(retired.id), { token: 'wrong' });
    const unknown = await sendStructured(url, newEvent('unknown'), { token: 'wrong' });

    expect(told).toMatchObject({ status: 410, body: { code: 'WORKFLOW_RETIRED' } });
    expect(known.status).toBe(403);
    expect(known.body).toEqual(unknown.body);
  });
});

describe('a token that sends too much', () => {
  it('gets 429, and others do not', async () => {
    const token = await system.api.createToken(workflow.id);
    const limited = await waitFor('the limit', async () => {
      const sent = Array.from({ length: 30 }, () =>
        sendStructured(url, newEvent(workflow.id), { token }),
      );
      return (await Promise.all(sent)).find(({ status }) => status === 429);
    });
    const other = await sendStructured(url, newEvent(workflow.id), { token: 'another' });

    expect(limited.headers.get('retry-after')).toBe('1');
    expect(limited.headers.get('ratelimit-policy')).toBe('"address";q=1000;w=1, "token";q=20;w=1');
    expect(limited.headers.get('ratelimit')).toMatch(/^"address";r=\d+;t=\d+, "token";r=0;t=\d+$/);
    expect(other.status).toBe(403);
    expect(other.headers.get('ratelimit')).toContain('"token";r=19');
  });
});
