import { parseJson, toJsonText } from '@app/json';
import { type HttpCallParams } from '@app/workflow-engine';
import { HttpTaskHandler } from './http-task-handler.js';
import { AnsweringServer } from './testing/answering-server.js';

describe(HttpTaskHandler.name, () => {
  let server: AnsweringServer;

  beforeEach(async () => {
    server = await AnsweringServer.start();
  });

  afterEach(() => server.stop());

  it('sends the request of the task with its key and trace, and returns the answer', async () => {
    server.answer = (request, response, body) => {
      const { method, url, headers } = request;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method, url, headers, body }));
    };

    const outcome = await server.run({
      method: 'POST',
      headers: [['x-mine', 'yes']],
      body: { a: [1] },
    });

    expect(outcome).toMatchObject({
      kind: 'succeeded',
      results: {
        statusCode: 200,
        body: {
          method: 'POST',
          url: '/path?q=1',
          body: '{"a":[1]}',
          headers: {
            'content-type': 'application/json',
            'idempotency-key': 'activity:call:1',
            traceparent: '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01',
            'x-mine': 'yes',
          },
        },
      },
    });
  });

  it('keeps the numbers and the order of members of request and answer', async () => {
    const text = '{"b":8202522731445525542,"10":1.0,"9":1e400}';
    let sent = '';
    server.answer = (_request, response, body) => {
      sent = body;
      response.setHeader('content-type', 'application/json');
      response.end(text);
    };

    const outcome = await server.run({ method: 'POST', body: parseJson(text) });

    expect(sent).toBe(text);
    expect(toJsonText(outcome.results?.['body'])).toBe(text);
  });

  it.each([
    ['has too many members', `[${'1,'.repeat(100)}1]`, /more than 100 .*JSON_MEMBERS_MAX/],
    ['is too deep', '['.repeat(9) + ']'.repeat(9), /deeper than 8 .*JSON_NESTING_MAX/],
  ])('fails when the JSON of the answer %s, and names the setting', async (_how, text, message) => {
    let status = 200;
    server.answer = (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    };

    expect(await server.run()).toMatchObject({
      kind: 'failed',
      code: 'HTTP_RESPONSE_OUT_OF_BOUNDS',
      message: expect.stringMatching(message) as string,
      retryable: false,
      outcomeKnown: true,
    });
    status = 503;
    expect(await server.run()).toMatchObject({
      code: 'HTTP_STATUS',
      retryable: true,
      results: { body: text },
    });
  });

  it('sends each header once, those of the task before its own and the key before all', async () => {
    let sent: readonly string[] = [];
    server.answer = ({ rawHeaders }, response) => {
      sent = rawHeaders;
      response.end();
    };
    const headers: HttpCallParams['headers'] = [
      ['Content-Type', 'text/csv'],
      ['Idempotency-Key', 'mine'],
      ['TraceParent', 'none'],
    ];

    await server.run({ method: 'PUT', headers, body: [1] });

    const names = sent.filter((_, index) => index % 2 === 0);
    expect(new Set(names).size).toBe(names.length);
    expect(sent).toEqual(
      expect.arrayContaining(['content-type', 'text/csv', 'activity:call:1', 'none']),
    );
  });

  it.each([
    ['a port that there is not', { url: 'http://127.0.0.1:99999/' }],
    ['a length that is not that of the body', { headers: [['Content-Length', '7']], body: 'x' }],
  ] as [string, Partial<HttpCallParams>][])('does not try again with %s', async (_what, params) => {
    const outcome = await server.run({ method: 'POST', ...params });

    expect(outcome).toMatchObject({
      code: 'PARAM_INVALID',
      retryable: false,
      outcomeKnown: true,
    });
  });

  it.each([
    [500, true, true],
    [502, true, false],
    [503, true, true],
    [504, true, false],
    [429, true, true],
    [425, true, true],
    [408, true, true],
    [404, false, true],
    [422, false, true],
  ])('fails on status %d; retryable: %p, known: %p', async (status, retryable, outcomeKnown) => {
    server.answer = (_request, response) => {
      response.writeHead(status, { 'retry-after': '7' }).end('no');
    };

    expect(await server.run()).toMatchObject({
      kind: 'failed',
      code: 'HTTP_STATUS',
      retryable,
      outcomeKnown,
      retryAfterMs: 7_000,
      results: { statusCode: status, body: 'no' },
    });
  });

  it('refuses an address that is not public, by number and by name', async () => {
    const strict = AnsweringServer.handlerAllowing([]);
    const { port } = server;

    for (const url of [server.origin, `http://localhost:${port}/`]) {
      const outcome = await server.run({ url }, undefined, strict);
      expect(outcome).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED', retryable: false });
    }
    strict.close();
  });

  it('sends both headers of one name, and a User-Agent', async () => {
    let sent: readonly string[] = [];
    server.answer = ({ rawHeaders }, response) => {
      sent = rawHeaders;
      response.end();
    };

    const twice: HttpCallParams['headers'] = ['a', 'b'].map((value) => ['X-Twice', value]);
    await server.run({ headers: twice });

    expect(sent.join('|')).toContain('x-twice|a|x-twice|b');
    expect(sent.join('|')).toMatch(/user-agent\|flow-eventing\/\d/);
    await server.run({ headers: [['User-Agent', 'mine']] });
    expect(sent.join('|')).toContain('user-agent|mine|');
  });

  it('sends the credentials of a URL as Basic, and shows them nowhere', async () => {
    let authorization: string | undefined;
    server.answer = ({ headers }, response) => {
      ({ authorization } = headers);
      response.writeHead(500).end();
    };
    const url = `${server.origin.replace('//', '//me%40x:hunter%3A2@')}/`;

    const outcome = await server.run({ url });

    expect(authorization).toBe(`Basic ${Buffer.from('me@x:hunter:2').toString('base64')}`);
    expect(JSON.stringify(outcome)).not.toContain('hunter');
    await server.run({ url, headers: [['Authorization', 'Bearer mine']] });
    expect(authorization).toBe('Bearer mine');
  });

  it.each([
    [
      404,
      [
        { from: 200, to: 299 },
        { from: 404, to: 404 },
      ],
      'succeeded',
    ],
    [500, [{ from: 500, to: 599 }], 'succeeded'],
    [200, [{ from: 201, to: 204 }], 'failed'],
    [304, undefined, 'failed'],
    [304, [{ from: 304, to: 304 }], 'succeeded'],
    [300, undefined, 'failed'],
  ] as [number, HttpCallParams['expectedStatus'], string][])(
    'takes status %d, with %j expected, as %s',
    async (status, expectedStatus, kind) => {
      server.answer = (_request, response) => response.writeHead(status).end();

      const outcome = await server.run(expectedStatus === undefined ? {} : { expectedStatus });

      expect(outcome).toMatchObject({ kind, results: { statusCode: status } });
    },
  );
});
