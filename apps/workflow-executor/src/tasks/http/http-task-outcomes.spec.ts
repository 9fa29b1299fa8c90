import { type ServerResponse } from 'node:http';
import { AddressGuard } from './connecting/address-guard.js';
import { HttpTaskHandler } from './http-task-handler.js';
import { HTTP_LIMITS, someLimiter } from './testing/a-call.js';
import { AnsweringServer } from './testing/answering-server.js';

describe('what an http task knows of its call', () => {
  let server: AnsweringServer;

  beforeEach(async () => {
    server = await AnsweringServer.start();
  });

  afterEach(() => server.stop());

  it('knows that nothing happened when it could not connect', async () => {
    const { port } = server;
    await server.takeAway();

    const outcome = await server.run({ url: `http://127.0.0.1:${port}/` });

    expect(outcome).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      retryable: true,
      outcomeKnown: true,
    });
  });

  it.each([
    ['the name has no address', 'ENOTFOUND'],
    ['nobody answers for the name', 'EAI_AGAIN'],
    ['the network is gone, whatever it is called', 'ETIMEDOUT'],
  ])('knows that nothing was sent when %s', async (_why, code) => {
    const error = Object.assign(new Error('for a test'), { code });
    const guard = new AddressGuard([], (_name, _options, callback) => {
      callback(error, []);
    });
    const failing = new HttpTaskHandler(guard, HTTP_LIMITS, someLimiter());

    const outcome = await server.run({ url: 'http://somewhere.example/' }, undefined, failing);

    expect(outcome).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      retryable: true,
      outcomeKnown: true,
    });
    failing.close();
  });

  it('knows that nothing was sent when there is no connection in time', async () => {
    const never = new AddressGuard([], () => undefined);
    const limits = { ...HTTP_LIMITS, connectTimeoutMs: 20 };
    const waiting = new HttpTaskHandler(never, limits, someLimiter());

    const outcome = await server.run({ url: 'http://somewhere.example/' }, undefined, waiting);

    expect(outcome).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      message: expect.stringContaining('ETIMEDOUT') as unknown,
      outcomeKnown: true,
    });
    waiting.close();
  });

  it('has an unknown outcome when the connection breaks before the answer', async () => {
    server.answer = (request) => request.socket.destroy();

    expect(await server.run({ method: 'POST' })).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      retryable: true,
      outcomeKnown: false,
    });
  });

  it('has an unknown outcome when it is aborted, and stops waiting', async () => {
    const abort = new AbortController();
    server.answer = () => {
      abort.abort();
    };

    expect(await server.run({}, abort.signal)).toMatchObject({
      code: 'TASK_TIMEOUT',
      outcomeKnown: false,
    });
  });

  it('keeps the headers of the answer, and its cookies as a list', async () => {
    const cookies = ['session=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT', 'b=2'];
    server.answer = (_request, response) => {
      response.writeHead(200, { 'set-cookie': cookies, 'x-kept': ['yes', 'all'] }).end();
    };

    expect(await server.run()).toMatchObject({
      results: { headers: { 'x-kept': 'yes, all', 'set-cookie': cookies } },
    });
  });

  it('waits until a date, by the clock of the target', async () => {
    server.answer = (_request, response) => {
      response.sendDate = false;
      const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
      response.writeHead(503, { date, 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT' }).end();
    };

    expect(await server.run()).toMatchObject({ retryAfterMs: 30_000 });
  });

  it('reads no more of an answer than its bound', async () => {
    server.answer = (_request, response) =>
      response.end('x'.repeat(HTTP_LIMITS.responseBytesMax + 1));

    expect(await server.run()).toMatchObject({ code: 'HTTP_RESPONSE_TOO_LARGE', retryable: false });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['is too large', (response) => response.end('x'.repeat(HTTP_LIMITS.responseBytesMax + 1))],
    [
      'can not be decoded',
      (response) => response.setHeader('content-encoding', 'gzip').end('none'),
    ],
    ['is cut off', (response) => response.write('x', () => response.destroy())],
    ['never ends', (response) => void response.write('x')],
  ])(
    'needs no body where the status is the whole answer, so one that %s fails no call',
    async (_, send) => {
      server.answer = (_request, response) => {
        send(response);
      };

      expect(await server.run({ statusOnly: true })).toMatchObject({
        kind: 'succeeded',
        results: { statusCode: 200, body: null },
      });
    },
  );
});
