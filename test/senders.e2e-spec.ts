import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { chain, keepingWorkflow, setProperty } from './support/definitions.js';
import { activityIdIn, ask } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { rawRequest, requestHead } from './support/raw-request.js';

jest.setTimeout(300_000);

let system: FlowSystem;
let workflow: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
  workflow = await system.api.createWorkflow(keepingWorkflow('senders'));
});

afterAll(() => system.stop());

const urlOf = (path = '/listener/webhook'): string =>
  `${system.listenerUrl}${path}?ref=${workflow.id}`;

describe('a webhook as providers send it', () => {
  it.each([
    ['JSON as plain text', 'text/plain; charset=UTF-8', '{"inputs":{"key":"value"}}'],
    ['JSON in ASCII', 'application/json; charset=us-ascii', '{"inputs":{"key":"value"}}'],
    ['an empty charset', 'application/json; charset=', '{"inputs":{"key":"value"}}'],
    [
      'a charset in single quotes',
      "application/json; charset='utf-8'",
      '{"inputs":{"key":"value"}}',
    ],
    [
      'JSON in the field payload of a form',
      'application/x-www-form-urlencoded',
      `payload=${encodeURIComponent('{"inputs":{"key":"value"}}')}`,
    ],
    ['a form with a byte order mark', 'application/x-www-form-urlencoded', '\uFEFFkey=value'],
    // PowerShell and .NET write one.
    ['a byte order mark', 'application/json', '\uFEFF{"inputs":{"key":"value"}}'],
    // https://github.com/stablyai/orca/pull/21437
    ['two of them', 'application/json', '\uFEFF\uFEFF{"inputs":{"key":"value"}}'],
    ['a charset without its dash', 'application/json;charset=UTF8', '{"inputs":{"key":"value"}}'],
    ['a type in capitals', 'APPLICATION/JSON', '{"inputs":{"key":"value"}}'],
    ['an old type of JSON', 'text/json', '{"inputs":{"key":"value"}}'],
    ['a type of its own', 'application/vnd.acme.v1+json; v=1', '{"inputs":{"key":"value"}}'],
    // https://github.com/webhooksite/webhook.site/issues/45, https://github.com/Dolibarr/dolibarr/pull/29588
    ['JSON called a form', 'application/x-www-form-urlencoded', '{"inputs":{"key":"value"}}'],
    // Mailgun, with attachments, and SendGrid Inbound Parse
    [
      'a form in parts',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nvalue\r\n--b--\r\n',
    ],
    // https://github.com/sendgrid/sendgrid-csharp/issues/1018
    ['a line break at its end', 'application/json', '{"inputs":{"key":"value"}}\r\n'],
  ])('runs its workflow with %s', async (_what, contentType, body) => {
    const headers = { 'content-type': contentType };
    const answer = await ask(urlOf(), { method: 'POST', headers, body, token: workflow.token });

    expect(answer.status).toBe(202);
    const activityid = activityIdIn(answer);
    expect(await system.api.untilFinal(activityid)).toMatchObject({ results: { kept: 'value' } });
  });

  it.each([
    ['', []],
    // https://github.com/activepieces/activepieces/issues/10067
    ['that is called JSON', ['Content-Type: application/json']],
  ])('is accepted with a slash at the end of its path, and without a body %s', async (_, more) => {
    const target = `/listener/webhook/?ref=${workflow.id}`;
    const head = requestHead('POST', target, [
      ...more,
      `Authorization: Bearer ${workflow.token}`,
      'Content-Length: 0',
      'Connection: close',
    ]);

    expect((await rawRequest(system.listenerUrl, [head])).status).toBe(202);
  });

  it.each(['GET', 'HEAD'])('is answered with 200 for %s with a right token', async (method) => {
    const before = await system.api.activities(workflow.id);
    const right = await fetch(urlOf(), {
      method,
      headers: { authorization: `Bearer ${workflow.token}` },
    });
    const wrong = await fetch(urlOf(), { method, headers: { authorization: 'Bearer wrong' } });
    const none = await fetch(urlOf(), { method });

    expect([right.status, wrong.status, none.status]).toEqual([200, 403, 401]);
    const runs = (await system.api.activities(workflow.id)).filter(({ refusal }) => !refusal);
    expect(runs).toHaveLength(before.filter(({ refusal }) => !refusal).length);
  });
});

describe('an unusual HTTP request', () => {
  const body = '{"inputs":{"key":"value"}}';
  const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const lines = (more: readonly string[]): string[] => [
    `Authorization: Bearer ${workflow.token}`,
    'Content-Type: application/json',
    'Connection: close',
    ...more,
  ];
  const target = (): string => `/listener/webhook?ref=${workflow.id}`;

  it('may be chunked, without a length', async () => {
    const head = requestHead('POST', target(), lines(['Transfer-Encoding: chunked']));

    expect((await rawRequest(system.listenerUrl, [head, chunks])).status).toBe(202);
  });

  it('may be HTTP/1.0, which needs no Host', async () => {
    const head = [`POST ${target()} HTTP/1.0`, ...lines([`Content-Length: ${body.length}`])];

    const answer = await rawRequest(system.listenerUrl, [`${head.join('\r\n')}\r\n\r\n${body}`]);
    expect(answer.status).toBe(202);
  });

  it('may have header names in capitals', async () => {
    const capitals = lines([`Content-Length: ${body.length}`]).map((line) =>
      line.replace(/^[^:]+/, (name) => name.toUpperCase()),
    );

    const head = requestHead('POST', target(), capitals);
    expect((await rawRequest(system.listenerUrl, [head, body])).status).toBe(202);
  });

  it('may have Expect: 100-continue', async () => {
    // https://github.com/prometheus/alertmanager/issues/2425; .NET and curl ask for large bodies.
    const length = `Content-Length: ${body.length}`;
    const head = requestHead('POST', target(), lines([length, 'Expect: 100-continue']));

    const { status, body: rest } = await rawRequest(system.listenerUrl, [head, body]);
    expect(status).toBe(100);
    expect(rest.toString('latin1')).toMatch(/^HTTP\/1\.1 202 /);
  });
});

describe('the answer to a sender', () => {
  const json = { 'content-type': 'application/json' };
  const accepted = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'];

  it.each([
    // https://github.com/n8n-io/n8n/pull/7461, https://github.com/TracecatHQ/tracecat/issues/1289
    ['a body in gzip', { ...json, 'content-encoding': 'gzip' }, 415],
    ['a body in Brotli', { ...json, 'content-encoding': 'br' }, 415],
    ['a body in no encoding, said so', { ...json, 'content-encoding': 'identity' }, 202],
    ['a form in parts that names no boundary', { 'content-type': 'multipart/form-data' }, 415],
    ['XML', { 'content-type': 'application/xml' }, 415],
    [
      'a token of Google Pub/Sub beside ours in the URL',
      { ...json, authorization: 'Bearer a.b.c' },
      403,
    ],
    ['Basic credentials', { ...json, authorization: 'Basic dXNlcjpwYXNz' }, 403],
  ])('%s', async (_what, headers, status) => {
    const url = `${urlOf()}&access_token=${workflow.token}`;
    const answer = await ask(url, { method: 'POST', headers, body: '{}' });

    expect(answer.status).toBe(status);
    if ('content-encoding' in headers && status === 415)
      expect(answer.headers.get('accept-encoding')).toBe('identity');
    if (headers['content-type'] !== 'application/json')
      expect((answer.body as { readonly detail: string }).detail).toContain(accepted[0]);
  });

  it('PUT, which Grafana may send: 405 with the permitted methods', async () => {
    const answer = await ask(urlOf(), { method: 'PUT', token: workflow.token, body: {} });

    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('a query that is not well-formed is passed on, and one that is too long is 400', async () => {
    const keeping = chain('query', [setProperty('keep', 'kept', '$(params.query)')]);
    const { id, token } = await system.api.createWorkflow(keeping);
    const url = `${system.listenerUrl}/api/v2/webhook?ref=${id}`;
    const answer = await ask(`${url}&a=%zz&b=1+2&b=%C3%BC&c`, { method: 'POST', token, body: {} });

    expect(answer.status).toBe(202);
    const activityid = activityIdIn(answer);
    const run = await system.api.untilFinal(activityid);
    expect(run.results['kept']).toEqual({ a: '%zz', b: ['1 2', 'ü'], c: '' });
    const long = await ask(`${url}&a=${'x'.repeat(9_000)}`, { method: 'POST', token, body: {} });
    expect(long).toMatchObject({ status: 400, body: { code: 'QUERY_INVALID' } });
  });

  it('empty for a sender that takes an event in an answer for a new one', async () => {
    // https://github.com/knative/eventing/issues/6935, https://github.com/tektoncd/triggers/issues/1439
    const answer = await ask(urlOf('/api/v2/event'), {
      method: 'POST',
      token: workflow.token,
      headers: {
        'ce-specversion': '1.0',
        'ce-id': randomUUID(),
        'ce-source': '/broker',
        'ce-type': 'com.example.made',
        prefer: 'reply',
      },
    });

    expect(answer).toMatchObject({ status: 202, body: '' });
    expect(answer.headers.get('content-type')).toBeNull();
    expect(answer.headers.get('location')).toContain('/activities/');
  });
});

describe('a handshake of a provider', () => {
  const token = (): string => `&access_token=${workflow.token}`;

  it('is answered with its challenge if the token is right (WebSub, Meta)', async () => {
    const url = `${urlOf()}&hub.mode=subscribe&hub.challenge=%3Cb%3E1158201444`;
    const right = await ask(url + token());
    const wrong = await ask(`${url}&access_token=wrong`);

    expect(right).toMatchObject({ status: 200, body: '<b>1158201444' });
    expect(right.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(right.headers.get('x-content-type-options')).toBe('nosniff');
    expect(wrong.status).toBe(403);
    expect(JSON.stringify(wrong.body)).not.toContain('1158201444');
  });

  it('is answered as Dropbox, Okta and monday.com ask', async () => {
    const before = (await system.api.activities(workflow.id)).length;
    const url = `${urlOf()}${token()}`;
    const dropbox = await ask(`${url}&challenge=a%20b`);
    const okta = await ask(url, { headers: { 'x-okta-verification-challenge': 'c2' } });
    const monday = await ask(url, { method: 'POST', body: { challenge: 'c3' } });

    expect(dropbox).toMatchObject({ status: 200, body: 'a b' });
    expect(okta).toMatchObject({ status: 200, body: { verification: 'c2' } });
    expect(monday).toMatchObject({ status: 200, body: { challenge: 'c3' } });
    expect(await system.api.activities(workflow.id)).toHaveLength(before);
  });

  it('starts nothing: Microsoft Graph, Azure Event Grid', async () => {
    const before = (await system.api.activities(workflow.id)).length;
    const graph = await ask(`${urlOf()}&validationToken=a%20b${token()}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
    });
    const grid = await ask(`${urlOf('/api/v2/webhook/azure-event-grid')}${token()}`, {
      method: 'POST',
      headers: { 'aeg-event-type': 'SubscriptionValidation' },
      body: [{ id: '1', data: { validationCode: 'c1' } }],
    });

    expect(graph).toMatchObject({ status: 200, body: 'a b' });
    expect(grid).toMatchObject({ status: 200, body: { validationResponse: 'c1' } });
    expect(await system.api.activities(workflow.id)).toHaveLength(before);
  });
});

it('a message of AWS SNS that is delivered twice runs once', async () => {
  const send = async (): Promise<unknown> => {
    const answer = await ask(urlOf('/api/v2/webhook/aws-sns'), {
      method: 'POST',
      token: workflow.token,
      headers: {
        'content-type': 'text/plain; charset=UTF-8',
        'x-amz-sns-message-type': 'Notification',
        'x-amz-sns-message-id': 'sns-1',
        'x-amz-sns-topic-arn': 'arn:aws:sns:us-west-2:123456789012:MyTopic',
      },
      body: '{"Type":"Notification","Message":"Hello world!"}',
    });
    expect(answer.status).toBe(202);
    return answer.body;
  };

  expect(await send()).toEqual(await send());
});
