import { until } from '@app/errors/testing';
import { RawConnection, type RawResponse } from './raw-connection.js';
import { carriedOut, held, type SampleApp, startSampleApp } from './sample-app.js';

/** More than Node hands on unless it is told to. */
const MANY_HEADERS = Array.from({ length: 2_100 }, () => 'a:b');

let app: SampleApp;

beforeAll(async () => {
  app = await startSampleApp({
    bodies: 'unread',
    headersTimeoutMs: 1_000,
    requestTimeoutMs: 2_000,
  });
});

afterAll(() => app.close());

beforeEach(() => {
  carriedOut.length = 0;
});

async function answerTo(...lines: readonly string[]): Promise<RawResponse> {
  const connection = await RawConnection.to(app.port);
  connection.send(...lines);
  const response = await connection.response();
  connection.end();
  return response;
}

function expectProblem(response: RawResponse, status: number, code: string): void {
  expect(response).toMatchObject({
    status,
    headers: { 'content-type': 'application/problem+json' },
  });
  expect(JSON.parse(response.body)).toMatchObject({ status, code, type: 'about:blank' });
}

describe('a request that is wrong as HTTP', () => {
  it.each([
    ['a request line that is none', 'garbage\r\n\r\n'],
    ['an unknown method', 'FROBNICATE / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a header without colon', 'GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n'],
    [
      'two lengths',
      'PUT /event HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
    [
      'a length and an encoding',
      'PUT /event HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['two Host headers', 'GET /things/1 HTTP/1.1\r\nHost: a\r\nhOsT: b\r\n\r\n'],
    ['no Host header', 'GET /things/1 HTTP/1.1\r\n\r\n'],
    [
      'another encoding than chunks',
      'PUT /event HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'chunks in HTTP/1.0',
      'PUT /event HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'two types of one body',
      'PUT /event HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\ncontent-type: a/b\r\n\r\n',
    ],
    ['two keys', 'GET / HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\r\nidempotency-key: b\r\n\r\n'],
    ['a later version', 'GET /things/1 HTTP/2.0\r\nHost: a\r\n\r\n'],
    ['an earlier version', 'GET /things/1 HTTP/0.9\r\nHost: a\r\n\r\n'],
    ['a tunnel', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\nmore of it'],
    ['a path that cannot be decoded', 'GET /things/%zz HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('is 400 with problem details: %s', async (_what, request) => {
    expectProblem(await answerTo(request), 400, 'REQUEST_MALFORMED');
  });

  it.each([
    ['two in one header', ['Authorization: Bearer wrong, Bearer right']],
    ['three words', ['Authorization: Bearer wrong right']],
    ['two headers', ['Authorization: Bearer right', 'authorization: Bearer wrong']],
    ['an empty header and another', ['Authorization:', 'Authorization: Bearer right']],
    [
      'one at the end of very many headers',
      ['Authorization: Bearer right', ...MANY_HEADERS, 'Authorization: Bearer wrong'],
    ],
  ])('is 401 with more credentials than one: %s', async (_what, credentials) => {
    const answer = await answerTo('GET /things/1 HTTP/1.1', 'Host: a', ...credentials, '', '');

    expectProblem(answer, 401, 'CREDENTIALS_AMBIGUOUS');
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it.each([
    ['another one', ['Expect: other']],
    ['the one that can be met, and another one', ['Expect: 100-Continue', 'Expect: other']],
  ])('is 417 with an expectation that cannot be met: %s', async (_what, expectations) => {
    const head = ['PUT /event HTTP/1.1', 'Host: a', 'Authorization: x', ...expectations];

    const answer = await answerTo(...head, 'Content-Length: 2', '', 'ok');

    expectProblem(answer, 417, 'EXPECTATION_FAILED');
  });

  it.each([
    ['none', '1.1', ['Expect:']],
    ['any, in HTTP/1.0', '1.0', ['Expect: other']],
  ])('is answered with an expectation of %s', async (_what, version, expectations) => {
    const head = [`PUT /event HTTP/${version}`, 'Host: a', 'Authorization: x', ...expectations];

    expect(await answerTo(...head, 'Content-Length: 2', '', 'ok')).toMatchObject({ status: 200 });
  });

  it.each(['/things//', '/things///', '//things/1', '/things//1', '/things/1//'])(
    'is 404 with an empty segment in its path: %s',
    async (path) => {
      const answer = await answerTo(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);

      expectProblem(answer, 404, 'ROUTE_NOT_FOUND');
    },
  );

  it('is accepted with 2,100 headers, and the last one counts', async () => {
    const headers = [...MANY_HEADERS, 'Authorization: Bearer right', 'Content-Length: 0'];

    expect(await answerTo('PUT /event HTTP/1.1', 'Host: a', ...headers, '', '')).toMatchObject({
      status: 200,
      body: '{"bytes":0}',
    });
  });

  it.each([
    ['one', 1],
    ['three', 3],
  ])('is answered after the requests before it on its connection: %s', async (_what, before) => {
    const connection = await RawConnection.to(app.port);
    connection.send('GET /held HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(before), 'garbage\r\n\r\n');
    await until(() => Promise.resolve(held.length === before));
    connection.send('more of it');
    expect(await answerTo('GET /things/7 HTTP/1.1\r\nHost: a\r\n\r\n')).toMatchObject({
      status: 200,
    });
    for (const release of held.splice(0).reverse()) release();

    for (let at = 0; at < before; at += 1) {
      expect(await connection.response()).toMatchObject({ status: 200 });
    }
    expectProblem(await connection.response(), 400, 'REQUEST_MALFORMED');
    await connection.closed;
    await expect(connection.response()).rejects.toThrow('closed after ""');
  });

  it('is not answered after a request that closes the connection', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send(
      'GET /held HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      'garbage\r\n\r\n',
    );
    await until(() => Promise.resolve(held.length === 1));
    for (const release of held.splice(0)) release();

    expect(await connection.response()).toMatchObject({ status: 200 });
    await connection.closed;
    await expect(connection.response()).rejects.toThrow('closed after ""');
  });

  it('is answered in place of the request whose body is broken, after those before it', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send(
      'GET /held HTTP/1.1\r\nHost: a\r\n\r\nPUT /event HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\n' +
        'Transfer-Encoding: chunked\r\n\r\nno size\r\n',
    );
    await until(() => Promise.resolve(held.length === 1));
    for (const release of held.splice(0)) release();

    expect(await connection.response()).toMatchObject({ status: 200 });
    expectProblem(await connection.response(), 400, 'REQUEST_MALFORMED');
    await connection.closed;
    await expect(connection.response()).rejects.toThrow('closed after ""');
  });

  it('is 431 with headers of 100 kB, and the answer arrives although more is sent', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send('GET / HTTP/1.1', 'Host: a', `X-Large: ${'x'.repeat(2_000_000)}`);
    const response = await connection.response();
    await connection.closed;

    expectProblem(response, 431, 'HEADERS_TOO_LARGE');
    expect(response.headers['connection']).toBe('close');
  });

  it('is 408 when the headers do not end', async () => {
    expectProblem(await answerTo('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '), 408, 'REQUEST_TIMEOUT');
  });

  it('is 408 when the body comes a byte at a time, and the connection ends', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send(
      'PUT /event HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nContent-Length: 999\r\n\r\n',
    );
    const drip = setInterval(() => {
      connection.send('x');
    }, 50);
    const response = await connection.response();
    await connection.closed;
    clearInterval(drip);

    expectProblem(response, 408, 'REQUEST_TIMEOUT');
  });

  it.each([
    ['a handler reads', 'unread', 'PUT /event', 'hello'],
    ['Fastify reads', 'json', 'POST /things', '{"size":5,"parts":[]}'],
  ] as const)(
    'is 408 and not carried out, also if its body is complete afterwards, which %s',
    async (_what, bodies, line, body) => {
      const times = { headersTimeoutMs: 1_000, requestTimeoutMs: 1_000 };
      const slow = await startSampleApp({ bodies, ...times });
      const head = `${line} HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nContent-Type: application/json\r\n`;
      const request = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
      const inTime = await RawConnection.to(slow.port);
      inTime.send(request);
      const accepted = await inTime.response();
      const late = await RawConnection.to(slow.port);
      late.send(request.slice(0, -1));
      const refused = await late.response();
      late.send(body.slice(-1));
      // What was sent is read before the connection is closed.
      await late.closed;
      inTime.end();
      await slow.close();

      expect([200, 201]).toContain(accepted.status);
      expectProblem(refused, 408, 'REQUEST_TIMEOUT');
      expect(carriedOut.splice(0)).toEqual([5]);
    },
  );

  it('is 408 and not carried out behind another answer, if its body is complete before its turn', async () => {
    const connection = await RawConnection.to(app.port);
    const put = 'PUT /event HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nContent-Length: 5\r\n\r\n';
    connection.send(`GET /held HTTP/1.1\r\nHost: a\r\n\r\n${put}hell`);
    await until(() => Promise.resolve(held.length === 1));
    // It came later, so when it is answered with 408, the answer of the other one has been decided.
    expectProblem(await answerTo(`${put}hell`), 408, 'REQUEST_TIMEOUT');
    connection.send('o');
    // The byte was read before this request.
    expect(await answerTo('GET /things/7 HTTP/1.1\r\nHost: a\r\n\r\n')).toMatchObject({
      status: 200,
    });
    for (const release of held.splice(0)) release();

    expect(await connection.response()).toMatchObject({ status: 200 });
    expectProblem(await connection.response(), 408, 'REQUEST_TIMEOUT');
    await connection.closed;
    expect(carriedOut).toEqual([]);
  });

  it('is answered once if the answer came before its body, which does not end', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send('PUT /event HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf');

    expect(await connection.response()).toMatchObject({ status: 401 });
    await connection.closed;
    await expect(connection.response()).rejects.toThrow('closed after ""');
  });

  it('is 414 with a path segment that is too long', async () => {
    const request = `GET /things/${'x'.repeat(300)} HTTP/1.1\r\nHost: a\r\n\r\n`;

    expectProblem(await answerTo(request), 414, 'URL_TOO_LONG');
  });

  it('does not delay the close of the server', async () => {
    const closing = await startSampleApp({
      bodies: 'unread',
      closeMsMax: 200,
    });
    const connection = await RawConnection.to(closing.port);
    connection.send(
      'PUT /event HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nContent-Length: 9\r\n\r\nh',
    );
    await closing.close();
    await connection.closed;

    expect(connection.isClosed).toBe(true);
  });

  it('does not affect other requests', async () => {
    const broken = await RawConnection.to(app.port);
    broken.send(
      'PUT /event HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nContent-Length: 9\r\n\r\nhalf',
    );
    broken.end();

    expect(await answerTo('GET /things/7 HTTP/1.1\r\nHost: a\r\n\r\n')).toMatchObject({
      status: 200,
      body: '{"id":"7","withToken":false}',
    });
    expect(app.log.errors).toEqual([]);
  });
});
