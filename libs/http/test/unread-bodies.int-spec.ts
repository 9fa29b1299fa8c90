import { until } from '@app/errors/testing';
import { RawConnection } from './raw-connection.js';
import { BODY_BYTES_MAX, held, type SampleApp, startSampleApp } from './sample-app.js';

const PUT = 'PUT /event HTTP/1.1\r\nHost: a\r\n';
const TOKEN = 'Authorization: x\r\n';

let app: SampleApp;

beforeAll(async () => {
  app = await startSampleApp({ bodies: 'unread' });
});

afterAll(() => app.close());

/** Sends until the other side has closed, or `bytesMax` are out. */
async function upload(connection: RawConnection, bytesMax: number): Promise<number> {
  const piece = Buffer.alloc(Math.min(256 * 1024, bytesMax), 'x');
  let sent = 0;
  while (connection.writable && sent < bytesMax) {
    await connection.sendBytes(piece);
    sent += piece.length;
  }
  return sent;
}

describe('a server that leaves bodies unread', () => {
  it.each([
    ['with a length', 'Content-Length: 5\r\n\r\nhello', 5],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 5],
    ['with no body', '\r\n', 0],
    ['with any content type', 'Content-Type: what/ever\r\nContent-Length: 2\r\n\r\n{}', 2],
  ])('gives the handler the body %s', async (_how, rest, bytes) => {
    const connection = await RawConnection.to(app.port);
    connection.send(PUT + TOKEN + rest);

    expect(await connection.response()).toMatchObject({ status: 200, body: `{"bytes":${bytes}}` });
    connection.end();
  });

  it.each(['nonsense', 'a/', '/b', 'a b/c', ';', '', 'text/plain, text/html', 'ä/ö'])(
    'asks for the token before it looks at a content type such as "%s"',
    async (type) => {
      const stranger = await RawConnection.to(app.port);
      stranger.send(`${PUT}Content-Type: ${type}\r\nContent-Length: 2\r\n\r\n{}`);
      const friend = await RawConnection.to(app.port);
      friend.send(`${PUT}${TOKEN}Content-Type: ${type}\r\nContent-Length: 2\r\n\r\n{}`);

      expect(await stranger.response()).toMatchObject({ status: 401 });
      expect(await friend.response()).toMatchObject({ status: 200, body: '{"bytes":2}' });
      stranger.end();
      friend.end();
    },
  );

  it('says 413 to a declared length before a byte has come', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send(`${PUT}${TOKEN}Content-Length: ${BODY_BYTES_MAX + 1}\r\n\r\n`);

    expect(await connection.response()).toMatchObject({
      status: 413,
      headers: { connection: 'close', 'content-type': 'application/problem+json' },
    });
    connection.end();
  });

  it('takes a body of exactly the largest size', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send(`${PUT}${TOKEN}Content-Length: ${BODY_BYTES_MAX}\r\n\r\n`);
    await connection.sendBytes(Buffer.alloc(BODY_BYTES_MAX));

    expect(await connection.response()).toMatchObject({ status: 200 });
    connection.end();
  });

  it('says 413 to chunks as soon as they are too many, and ends the connection', async () => {
    const connection = await RawConnection.to(app.port);
    const size = (BODY_BYTES_MAX + 1).toString(16);
    connection.send(`${PUT}${TOKEN}Transfer-Encoding: chunked\r\n\r\n${size}\r\n`);
    await connection.sendBytes(Buffer.alloc(BODY_BYTES_MAX + 1));

    expect(await connection.response()).toMatchObject({ status: 413 });
    await connection.closed;
  });

  it('says 415 to a compressed body', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send(`${PUT}${TOKEN}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`);

    expect(await connection.response()).toMatchObject({
      status: 415,
      headers: { 'accept-encoding': 'identity' },
    });
    connection.end();
  });

  it('tells a client that asks first to go on only when its body is wanted', async () => {
    const stranger = await RawConnection.to(app.port);
    stranger.send(`${PUT}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
    const friend = await RawConnection.to(app.port);
    friend.send(`${PUT}${TOKEN}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);

    expect(await stranger.response()).toMatchObject({ status: 401 });
    expect(await friend.response()).toMatchObject({ status: 100 });
    friend.send('hello');
    expect(await friend.response()).toMatchObject({ status: 200, body: '{"bytes":5}' });
    stranger.end();
    friend.end();
  });

  it('keeps a connection whose small body was not read', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send(`${PUT}Content-Length: 5\r\n\r\nhello`);
    const rejection = await connection.response();
    connection.send(`${PUT}${TOKEN}Content-Length: 2\r\n\r\nok`);

    expect(rejection).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(await connection.response()).toMatchObject({ status: 200, body: '{"bytes":2}' });
    connection.end();
  });

  it('lets a client that was refused finish a megabyte, and closes without a reset', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send(`${PUT}Content-Length: ${1024 ** 2}\r\n\r\n`);
    const rejection = await connection.response();
    await upload(connection, 1024 ** 2);
    await connection.closed;

    expect(rejection).toMatchObject({ status: 401, headers: { connection: 'close' } });
    expect(connection.failure).toBeUndefined();
  });

  it.each([
    ['before its body was looked at', '/event', 401],
    ['after a look at the beginning of its body', '/judged', 503],
  ])(
    'has the answer for a client that sends a megabyte slowly before it reads, if refused %s',
    async (_when, path, status) => {
      const connection = await RawConnection.to(app.port);
      connection.readLater();
      connection.send(`PUT ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${1024 ** 2}\r\n\r\n`);
      for (let piece = 0; piece < 16; piece += 1) {
        await upload(connection, 1024 ** 2 / 16);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }

      expect(await connection.response()).toMatchObject({ status });
      await connection.closed;
      expect(connection.failure).toBeUndefined();
    },
  );

  it('has the answer for a client that sends the largest webhook before it reads', async () => {
    const connection = await RawConnection.to(app.port);
    connection.readLater();
    connection.send(`${PUT}Content-Length: ${25 * 1024 ** 2}\r\n\r\n`);
    await upload(connection, 25 * 1024 ** 2);

    expect(await connection.response()).toMatchObject({ status: 401 });
    await connection.closed;
    expect(connection.failure).toBeUndefined();
  });

  it('cuts off a gigabyte after it was refused, and serves others meanwhile', async () => {
    const gigabyte = 1024 ** 3;
    const connection = await RawConnection.to(app.port);
    connection.send(`${PUT}Content-Length: ${gigabyte}\r\n\r\n`);
    const uploading = upload(connection, gigabyte);
    const rejection = await connection.response();
    const other = await RawConnection.to(app.port);
    other.send(`${PUT}${TOKEN}Content-Length: 2\r\n\r\nok`);

    expect(rejection).toMatchObject({ status: 401, headers: { connection: 'close' } });
    expect(await other.response()).toMatchObject({ status: 200 });
    await connection.closed;
    expect(await uploading).toBeLessThan(gigabyte / 4);
    other.end();
  });

  it('forgets a request whose client goes away in the middle of its body', async () => {
    const connection = await RawConnection.to(app.port);
    connection.send(`${PUT}${TOKEN}Content-Length: 50\r\n\r\nhalf`);
    await until(async () => (await inFlight()) === 1);
    connection.end();

    await until(async () => (await inFlight()) === 0);
    expect(app.log.errors).toEqual([]);
  });
});

describe('a server that is full', () => {
  let full: SampleApp;
  let holding: RawConnection;

  beforeAll(async () => {
    full = await startSampleApp({ bodies: 'unread', inFlightMax: 1 });
    holding = await RawConnection.to(full.port);
    holding.send('GET /held HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => Promise.resolve(held.length === 1));
  });

  afterAll(async () => {
    for (const release of held.splice(0)) release();
    await holding.response();
    holding.end();
    await full.close();
  });

  it('refuses one request after the other on a connection, small bodies and all', async () => {
    const connection = await RawConnection.to(full.port);
    const put = `${PUT}${TOKEN}Content-Length: 5\r\n\r\nhello`;
    connection.send(put);
    const first = await connection.response();
    connection.send(put);

    const headers = { 'retry-after': '1', 'cache-control': 'private' };
    expect(first).toMatchObject({ status: 503, headers });
    expect(await connection.response()).toMatchObject({ status: 503, headers });
    connection.end();
  });

  it('lets a client that was refused finish a megabyte, and closes without a reset', async () => {
    const connection = await RawConnection.to(full.port);
    connection.send(`${PUT}${TOKEN}Content-Length: ${1024 ** 2}\r\n\r\n`);
    const rejection = await connection.response();
    await upload(connection, 1024 ** 2);
    await connection.closed;

    expect(rejection).toMatchObject({ status: 503, headers: { connection: 'close' } });
    expect(connection.failure).toBeUndefined();
  });

  it('does not ask for a body that it does not want', async () => {
    const connection = await RawConnection.to(full.port);
    connection.send(`${PUT}${TOKEN}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);

    expect(await connection.response()).toMatchObject({ status: 503 });
    connection.end();
  });
});

async function inFlight(): Promise<number> {
  const text = await app.metrics.registry.metrics();
  return Number(/flow_in_flight\{what="http_requests"\} (\d+)/.exec(text)?.[1]);
}
