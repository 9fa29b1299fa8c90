import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { AddressGuard } from './address-guard.js';
import { Connections } from './connections.js';
import { HttpTaskHandler } from '../http-task-handler.js';
import { aCall, somePlaces } from '../testing/a-call.js';
import { type Certificate, TestAuthority } from '../testing/certificates.js';

const LIMITS = {
  responseBytesMax: 1_000,
  connectTimeoutMs: 5_000,
  redirectsMax: 3,
  json: { nestingMax: 8, membersMax: 100 },
};

describe('an http task to a target with TLS', () => {
  const authority = new TestAuthority();
  let server: Server;
  let requests: number;
  let handler: HttpTaskHandler;

  beforeEach(() => {
    requests = 0;
    const guard = new AddressGuard(['127.0.0.0/8', '::1']);
    handler = new HttpTaskHandler(guard, LIMITS, somePlaces(), new Connections(authority.cert));
  });

  afterEach(async () => {
    handler.close();
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function serverWith(certificate: Certificate): Promise<string> {
    server = createServer(certificate, (_request, response) => {
      requests += 1;
      response.end('well');
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return `https://localhost:${(server.address() as AddressInfo).port}/`;
  }

  it('calls one whose certificate is in order', async () => {
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
  ])('sends nothing to one whose certificate %s, and says so', async (_what, issue, reason) => {
    const url = await serverWith(issue());

    const outcome = await handler.run(aCall({ url, method: 'POST', body: 'secret' }));

    expect(outcome).toMatchObject({
      code: 'HTTP_TLS_FAILED',
      message: expect.stringMatching(reason) as unknown,
      retryable: false,
      outcomeKnown: true,
    });
    expect(requests).toBe(0);
  });

  it('says that there is no TLS where there is none', async () => {
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

  it('tries again, as nothing was sent, when the connection breaks before there is TLS', async () => {
    server = await listening((socket) => socket.once('data', () => socket.destroy()));
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;

    expect(await handler.run(aCall({ url, method: 'POST' }))).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      retryable: true,
      outcomeKnown: true,
    });
  });

  async function listening(take: Parameters<typeof createTcpServer>[1]): Promise<Server> {
    const tcp = createTcpServer({}, take);
    await new Promise<void>((resolve) => tcp.listen(0, 'localhost', resolve));
    return Object.assign(tcp, { closeAllConnections: () => undefined }) as unknown as Server;
  }
});
