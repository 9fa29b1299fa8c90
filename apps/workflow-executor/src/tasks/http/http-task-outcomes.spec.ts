import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type HttpCallParams } from '@app/workflow-engine';
import { AddressGuard } from './connecting/address-guard.js';
import { HttpTaskHandler } from './http-task-handler.js';
import { aCall, somePlaces } from './testing/a-call.js';
import { type TaskOutcome } from '../task-handler.js';

const RESPONSE_BYTES_MAX = 1_000;
const LIMITS = {
  responseBytesMax: RESPONSE_BYTES_MAX,
  connectTimeoutMs: 5_000,
  redirectsMax: 3,
  json: { nestingMax: 8, membersMax: 100 },
};

describe('what an http task knows of its call', () => {
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
    handler.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function handlerAllowing(networks: readonly string[]): HttpTaskHandler {
    return new HttpTaskHandler(new AddressGuard(networks), LIMITS, somePlaces());
  }

  function run(
    params: Partial<HttpCallParams> = {},
    abort = new AbortController().signal,
    by = handler,
  ): Promise<TaskOutcome> {
    return by.run(aCall({ url: `${origin}/path?q=1`, ...params }, abort));
  }

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
    ['the name has no address', 'ENOTFOUND'],
    ['nobody answers for the name', 'EAI_AGAIN'],
    ['the network is gone, whatever it is called', 'ETIMEDOUT'],
  ])('knows that nothing was sent when %s', async (_why, code) => {
    const error = Object.assign(new Error('for a test'), { code });
    const guard = new AddressGuard([], (_name, _options, callback) => {
      callback(error, []);
    });
    const failing = new HttpTaskHandler(guard, LIMITS, somePlaces());

    const outcome = await run({ url: 'http://somewhere.example/' }, undefined, failing);

    expect(outcome).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      retryable: true,
      outcomeKnown: true,
    });
    failing.close();
  });

  it('knows that nothing was sent when there is no connection in time', async () => {
    const never = new AddressGuard([], () => undefined);
    const limits = { ...LIMITS, connectTimeoutMs: 20 };
    const waiting = new HttpTaskHandler(never, limits, somePlaces());

    const outcome = await run({ url: 'http://somewhere.example/' }, undefined, waiting);

    expect(outcome).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      message: expect.stringContaining('ETIMEDOUT') as unknown,
      outcomeKnown: true,
    });
    waiting.close();
  });

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

  it('keeps the headers of the answer, and its cookies as a list', async () => {
    const cookies = ['session=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT', 'b=2'];
    answer = (_request, response) => {
      response.writeHead(200, { 'set-cookie': cookies, 'x-kept': ['yes', 'all'] }).end();
    };

    expect(await run()).toMatchObject({
      results: { headers: { 'x-kept': 'yes, all', 'set-cookie': cookies } },
    });
  });

  it('waits as long as a date says, by the clock of whoever says it', async () => {
    answer = (_request, response) => {
      response.sendDate = false;
      const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
      response.writeHead(503, { date, 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT' }).end();
    };

    expect(await run()).toMatchObject({ retryAfterMs: 30_000 });
  });

  it('takes no more of an answer than fits', async () => {
    answer = (_request, response) => response.end('x'.repeat(RESPONSE_BYTES_MAX + 1));

    expect(await run()).toMatchObject({ code: 'HTTP_RESPONSE_TOO_LARGE', retryable: false });
  });
});
