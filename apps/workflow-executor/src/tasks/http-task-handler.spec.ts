import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { parseJson, toJsonText } from '@app/json';
import { type HttpCallParams } from '@app/workflow-engine';
import { AddressGuard } from './address-guard.js';
import { HttpTaskHandler } from './http-task-handler.js';
import { type TaskOutcome } from './task-handler.js';

const RESPONSE_BYTES_MAX = 1_000;
const LIMITS = { responseBytesMax: RESPONSE_BYTES_MAX, connectTimeoutMs: 5_000 };

describe(HttpTaskHandler.name, () => {
  let server: Server;
  let origin: string;
  let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
  let handler: HttpTaskHandler;

  beforeEach(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        answer(request, response, body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    handler = handlerAllowing(['127.0.0.0/8']);
  });

  afterEach(async () => {
    await handler.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function handlerAllowing(networks: readonly string[]): HttpTaskHandler {
    return new HttpTaskHandler(new AddressGuard(networks), {
      ...LIMITS,
      connectionsPerOriginMax: 4,
      json: { nestingMax: 8, membersMax: 100 },
    });
  }

  function run(
    params: Partial<HttpCallParams> = {},
    abort = new AbortController().signal,
    by = handler,
  ): Promise<TaskOutcome> {
    return by.run({
      effect: {
        kind: 'call',
        type: 'http',
        task: 'call',
        attempt: 2,
        keyAttempt: 1,
        params: { url: `${origin}/path?q=1`, method: 'GET', headers: [], ...params },
      },
      idempotencyKey: 'activity:call:1',
      traceparent: '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01',
      abort,
    });
  }

  it('sends what the task says, with its key and its trace, and gives back the answer', async () => {
    answer = (request, response, body) => {
      const { method, url, headers } = request;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method, url, headers, body }));
    };

    const outcome = await run({
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

  it('hands on the numbers and the order of members of both sides as they were written', async () => {
    const text = '{"b":8202522731445525542,"10":1.0,"9":1e400}';
    let sent = '';
    answer = (_request, response, body) => {
      sent = body;
      response.setHeader('content-type', 'application/json');
      response.end(text);
    };

    const outcome = await run({ method: 'POST', body: parseJson(text) });

    expect(sent).toBe(text);
    expect(toJsonText(outcome.results?.['body'])).toBe(text);
  });

  it.each([
    ['has too many members', `[${'1,'.repeat(100)}1]`, /more than 100 .*JSON_MEMBERS_MAX/],
    ['is too deep', '['.repeat(9) + ']'.repeat(9), /deeper than 8 .*JSON_NESTING_MAX/],
  ])('fails when the JSON of the answer %s, and names the setting', async (_how, text, message) => {
    let status = 200;
    answer = (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    };

    expect(await run()).toMatchObject({
      kind: 'failed',
      code: 'HTTP_RESPONSE_OUT_OF_BOUNDS',
      message: expect.stringMatching(message) as string,
      retryable: false,
      outcomeKnown: true,
    });
    status = 503;
    expect(await run()).toMatchObject({
      code: 'HTTP_STATUS',
      retryable: true,
      results: { body: text },
    });
  });

  it('sends each header once, those of the task before its own and the key before all', async () => {
    let sent: readonly string[] = [];
    answer = ({ rawHeaders }, response) => {
      sent = rawHeaders;
      response.end();
    };
    const headers: HttpCallParams['headers'] = [
      ['Content-Type', 'text/csv'],
      ['Idempotency-Key', 'mine'],
      ['TraceParent', 'none'],
    ];

    await run({ method: 'PUT', headers, body: [1] });

    const names = sent.filter((_, index) => index % 2 === 0);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(sent).toEqual(
      expect.arrayContaining(['content-type', 'text/csv', 'activity:call:1', 'none']),
    );
  });

  it.each([
    ['a port that there is not', { url: 'http://127.0.0.1:99999/' }],
    ['a header that is not its to set', { headers: [['Transfer-Encoding', 'chunked']] }],
    ['a length that is not that of the body', { headers: [['Content-Length', '7']], body: 'x' }],
  ] as [string, Partial<HttpCallParams>][])('does not try again with %s', async (_what, params) => {
    const outcome = await run({ method: 'POST', ...params });

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
    answer = (_request, response) => {
      response.writeHead(status, { 'retry-after': '7' }).end('no');
    };

    expect(await run()).toMatchObject({
      kind: 'failed',
      code: 'HTTP_STATUS',
      retryable,
      outcomeKnown,
      retryAfterMs: 7_000,
      results: { statusCode: status, body: 'no' },
    });
  });

  it('does not follow redirects', async () => {
    answer = (_request, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    };

    expect(await run()).toMatchObject({ kind: 'succeeded', results: { statusCode: 302 } });
  });

  it('refuses an address that is not public, by number and by name', async () => {
    const strict = handlerAllowing([]);
    const { port } = server.address() as AddressInfo;

    for (const url of [origin, `http://localhost:${port}/`]) {
      const outcome = await run({ url }, undefined, strict);
      expect(outcome).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED', retryable: false });
    }
    await strict.close();
  });

  it('knows that nothing happened when it could not connect', async () => {
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));

    const outcome = await run({ url: `http://127.0.0.1:${port}/` });

    expect(outcome).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      retryable: true,
      outcomeKnown: true,
    });
  });

  it.each([
    ['the name has no address', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }, true],
    ['nobody answers for the name', { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }, true],
    ['no connection comes about', { code: 'ETIMEDOUT', syscall: 'connect' }, true],
    ['there is no way to the host', { code: 'EHOSTUNREACH', syscall: 'connect' }, true],
    ['a connection gives up', { code: 'ETIMEDOUT', syscall: 'read' }, false],
    ['the host went away', { code: 'EHOSTUNREACH', syscall: 'read' }, false],
    ['it is not told where it failed', { code: 'ECONNREFUSED' }, false],
  ])('knows that nothing happened only if it was not sent: %s', async (_why, facts, known) => {
    const error = Object.assign(new Error('for a test'), facts);

    expect(await outcomeOf(error)).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      retryable: true,
      outcomeKnown: known,
    });
  });

  it.each([
    ['none of them was reached', 'connect', true],
    ['one of them was', 'read', false],
  ])('looks at every address of a name: %s', async (_why, syscall, known) => {
    const errors = ['connect', syscall].map((each) =>
      Object.assign(new Error('for a test'), { code: 'ETIMEDOUT', syscall: each }),
    );

    const outcome = await outcomeOf(Object.assign(new AggregateError(errors), errors[0]));

    expect(outcome).toMatchObject({ retryable: true, outcomeKnown: known });
  });

  /** Of a call that ends with this error. */
  async function outcomeOf(error: NodeJS.ErrnoException): Promise<TaskOutcome> {
    const guard = new AddressGuard([], (_name, _options, callback) => {
      callback(error, []);
    });
    const failing = new HttpTaskHandler(guard, {
      ...LIMITS,
      connectionsPerOriginMax: 4,
      json: { nestingMax: 8, membersMax: 100 },
    });
    const outcome = await run({ url: 'http://somewhere.example/' }, undefined, failing);
    await failing.close();
    return outcome;
  }

  it('does not know what happened when the connection breaks before the answer', async () => {
    answer = (request) => request.socket.destroy();

    expect(await run({ method: 'POST' })).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      retryable: true,
      outcomeKnown: false,
    });
  });

  it('does not know what happened when it is aborted, and stops waiting', async () => {
    const abort = new AbortController();
    answer = () => {
      abort.abort();
    };

    expect(await run({}, abort.signal)).toMatchObject({
      code: 'TASK_TIMEOUT',
      outcomeKnown: false,
    });
  });

  it('keeps the headers of the answer, but no cookies, which are secrets', async () => {
    answer = (_request, response) => {
      response
        .writeHead(200, { 'set-cookie': ['session=hunter2'], 'x-kept': ['yes', 'all'] })
        .end();
    };

    const outcome = await run();

    expect(outcome).toMatchObject({ results: { headers: { 'x-kept': 'yes, all' } } });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });

  it('takes no more of an answer than fits', async () => {
    answer = (_request, response) => response.end('x'.repeat(RESPONSE_BYTES_MAX + 1));

    expect(await run()).toMatchObject({ code: 'HTTP_RESPONSE_TOO_LARGE', retryable: false });
  });

  it.each([
    ['JSON', 'application/json', '{"a":1}', { a: 1 }],
    ['a kind of JSON', 'application/problem+json', '[1]', [1]],
    ['what says it is JSON and is not', 'application/json', '{', '{'],
    ['text', 'text/plain', 'hello', 'hello'],
    ['bytes', 'application/octet-stream', Buffer.from([0xff, 0]), '/wA='],
    ['nothing', 'text/plain', '', ''],
  ])('reads %s', async (_what, type, sent, body) => {
    answer = (_request, response) => {
      response.setHeader('content-type', type).end(sent);
    };

    expect(await run()).toMatchObject({ kind: 'succeeded', results: { body } });
  });
});
