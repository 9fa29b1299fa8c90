import { AddressGuard } from './address-guard.js';
import { HttpTaskHandler } from '../http-task-handler.js';
import { aCall, HTTP_LIMITS, someLimiter } from '../testing/a-call.js';
import { RawServer } from '../testing/raw-server.js';
import { type TaskOutcome } from '../../task-handler.js';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('the connections of http tasks', () => {
  let server: RawServer;
  let handler: HttpTaskHandler;

  beforeEach(() => {
    handler = new HttpTaskHandler(new AddressGuard(['127.0.0.0/8']), HTTP_LIMITS, someLimiter());
  });

  afterEach(async () => {
    handler.close();
    await server.stop();
  });

  function call(method: 'GET' | 'PUT' | 'POST'): Promise<TaskOutcome> {
    return handler.run(aCall({ url: `${server.origin}/`, method }));
  }

  it.each([
    ['changes the protocol unasked', 'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['answers 1xx without end', 'HTTP/1.1 103 X\r\n\r\n'.repeat(101)],
  ])('are closed when the target %s', async (_what, answer) => {
    server = await RawServer.start((socket) => socket.write(answer));

    expect(await call('GET')).toMatchObject({
      kind: 'failed',
      code: 'HTTP_RESPONSE_UNREADABLE',
      message: expect.stringContaining('HPE_UNEXPECTED_1XX') as unknown,
      retryable: false,
      outcomeKnown: false,
    });
  });

  it('are kept for methods that may be repeated', async () => {
    server = await RawServer.start((socket) => socket.write(OK));
    for (let count = 0; count < 5; count += 1) await call('GET');

    expect(server.connections).toBe(1);
  });

  // Without a word about it in its answers, as some servers and proxies do.
  it.each(['GET', 'PUT', 'POST'] as const)(
    'cost no %s that meets a target which closes after each third answer',
    async (method) => {
      server = await RawServer.start((socket, request) => {
        socket.write(OK);
        if (request % 3 === 0) socket.end();
      });

      const outcomes: TaskOutcome[] = [];
      for (let run = 0; run < 40; run += 1) {
        const chains = Array.from({ length: 4 }, async () => {
          for (let step = 0; step < 3; step += 1) outcomes.push(await call(method));
        });
        await Promise.all(chains);
      }

      expect(outcomes.filter(({ kind }) => kind !== 'succeeded')).toEqual([]);
      expect(outcomes).toHaveLength(480);
    },
  );

  it('cost no GET although the target resets each kept one at the next request', async () => {
    server = await RawServer.start((socket, request) => {
      if (request % 2 === 0) socket.resetAndDestroy();
      else socket.write(OK);
    });

    for (let count = 0; count < 6; count += 1) {
      expect(await call('GET')).toMatchObject({ kind: 'succeeded' });
    }
  });

  it('are new for each request that must not be repeated', async () => {
    server = await RawServer.start((socket, request) => {
      if (request % 2 === 0) socket.resetAndDestroy();
      else socket.write(OK);
    });
    for (let count = 0; count < 6; count += 1) {
      expect(await call('POST')).toMatchObject({ kind: 'succeeded' });
    }

    expect(server.connections).toBe(6);
    expect(server.requests).toHaveLength(6);
  });

  it('do not repeat a request that failed on a new connection', async () => {
    server = await RawServer.start((socket) => socket.resetAndDestroy());

    expect(await call('GET')).toMatchObject({ code: 'HTTP_UNREACHABLE', outcomeKnown: false });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    [
      '102 and 103',
      'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
    ],
    ['two 100', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'],
  ])('ignore an unexpected %s', async (_what, before) => {
    server = await RawServer.start((socket) => socket.write(before + OK));

    expect(await call('POST')).toMatchObject({ kind: 'succeeded', results: { body: 'ok' } });
  });

  it('report an answer that is not HTTP', async () => {
    server = await RawServer.start((socket) => socket.end('SSH-2.0-x\r\n'));

    expect(await call('POST')).toMatchObject({
      code: 'HTTP_RESPONSE_UNREADABLE',
      retryable: false,
      outcomeKnown: false,
    });
  });

  it('count a truncated answer as no answer', async () => {
    server = await RawServer.start((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'),
    );

    expect(await call('POST')).toMatchObject({ code: 'HTTP_UNREACHABLE', outcomeKnown: false });
  });
});
