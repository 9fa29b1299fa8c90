import { createServer, type Server, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { AddressGuard } from './address-guard.js';
import { Connections } from './connections.js';
import { HttpTaskHandler } from '../http-task-handler.js';
import { aCall, HTTP_LIMITS, someLimiter } from '../testing/a-call.js';
import { type Certificate, TestAuthority } from '../testing/certificates.js';

/** A record of TLS whose content nobody can decrypt. */
const GARBAGE = Buffer.concat([Buffer.from([0x17, 3, 3, 0, 32]), Buffer.alloc(32, 7)]);

describe('an http task to a target with TLS', () => {
  const authority = new TestAuthority();
  let server: Server;
  let requests: number;
  let handler: HttpTaskHandler;

  beforeEach(() => {
    requests = 0;
    const guard = new AddressGuard(['127.0.0.0/8', '::1']);
    handler = new HttpTaskHandler(
      guard,
      HTTP_LIMITS,
      someLimiter(),
      new Connections(authority.cert),
    );
  });

  afterEach(async () => {
    handler.close();
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function serverWith(
    certificate: Certificate,
    options: ServerOptions = {},
  ): Promise<string> {
    server = createServer({ ...certificate, ...options }, (_request, response) => {
      requests += 1;
      response.end('well');
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return `https://localhost:${(server.address() as AddressInfo).port}/`;
  }

  it('calls a target with a valid certificate', async () => {
    const url = await serverWith(authority.issue());

    expect(await handler.run(aCall({ url }))).toMatchObject({ results: { body: 'well' } });
    expect(await handler.run(aCall({ url, method: 'POST' }))).toMatchObject({ kind: 'succeeded' });
  });

  it.each([
    [
      'has expired',
      () => authority.issue({ notAfter: new Date('2021-01-01') }),
      /certificate has expired \(CERT_HAS_EXPIRED\)/,
    ],
    [
      'is not valid yet',
      () => authority.issue({ notBefore: new Date('2048-01-01') }),
      /certificate is not yet valid/,
    ],
    [
      'is for another host',
      () => authority.issue({ names: ['other.example'] }),
      /localhost.*not in the cert's altnames: DNS:other\.example/,
    ],
    [
      'is signed by nobody who is trusted',
      () => new TestAuthority().issue(),
      /unable to verify|unable to get local issuer/,
    ],
  ])(
    'sends nothing to a target whose certificate %s, and reports it',
    async (_what, issue, reason) => {
      const url = await serverWith(issue());

      const outcome = await handler.run(aCall({ url, method: 'POST', body: 'secret' }));

      expect(outcome).toMatchObject({
        code: 'HTTP_TLS_FAILED',
        message: expect.stringMatching(reason) as unknown,
        retryable: false,
        outcomeKnown: true,
      });
      expect(requests).toBe(0);
    },
  );

  it('reports a target without TLS', async () => {
    server = await listening((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;

    expect(await handler.run(aCall({ url }))).toMatchObject({
      code: 'HTTP_TLS_FAILED',
      message: expect.stringMatching(/wrong version number/) as unknown,
      retryable: false,
      outcomeKnown: true,
    });
  });

  it('is retried, as nothing was sent, when the connection breaks before TLS is established', async () => {
    server = await listening((socket) => socket.once('data', () => socket.destroy()));
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;

    expect(await handler.run(aCall({ url, method: 'POST' }))).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      retryable: true,
      outcomeKnown: true,
    });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'knows that a target that wants a certificate of the client took no request, with %s',
    async (version) => {
      const url = await serverWith(authority.issue(), {
        minVersion: version,
        maxVersion: version,
        requestCert: true,
        rejectUnauthorized: true,
      });

      expect(await handler.run(aCall({ url, method: 'POST' }))).toMatchObject({
        code: 'HTTP_TLS_FAILED',
        retryable: false,
        outcomeKnown: true,
      });
      expect(requests).toBe(0);
    },
  );

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'has an unknown outcome when the encryption breaks after the request, with %s',
    async (version) => {
      const options = { minVersion: version, maxVersion: version };
      const url = await serverWith(authority.issue(), options);
      let raw: Socket | undefined;
      server.on('connection', (socket: Socket) => (raw = socket));
      server.removeAllListeners('request');
      server.on('request', (request) => {
        request.resume().on('end', () => raw?.write(GARBAGE));
      });

      expect(await handler.run(aCall({ url, method: 'POST', body: 'once' }))).toMatchObject({
        code: 'HTTP_UNREACHABLE',
        message: expect.stringMatching(/was lost before the answer.*ERR_SSL_/) as unknown,
        retryable: true,
        outcomeKnown: false,
      });
    },
  );

  async function listening(take: Parameters<typeof createTcpServer>[1]): Promise<Server> {
    const tcp = createTcpServer({}, take);
    await new Promise<void>((resolve) => tcp.listen(0, 'localhost', resolve));
    return Object.assign(tcp, { closeAllConnections: () => undefined }) as unknown as Server;
  }
});
