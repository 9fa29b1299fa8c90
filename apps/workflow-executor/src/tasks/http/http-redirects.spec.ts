import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type HttpCallParams } from '@app/workflow-engine';
import { AddressGuard } from './connecting/address-guard.js';
import { HttpTaskHandler } from './http-task-handler.js';
import { isRedirect, redirectOf, shownLocation } from './redirects.js';
import { aCall, HTTP_LIMITS, someLimiter } from './testing/a-call.js';
import { type TaskOutcome } from '../task-handler.js';

const SECRETS: HttpCallParams['headers'] = [
  ['Authorization', 'Bearer secret'],
  ['Cookie', 'a=secret'],
  ['Proxy-Authorization', 'secret'],
  ['X-Api-Key', 'secret'],
  ['Accept', 'text/plain'],
];

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('a redirected http task', () => {
  const servers: Server[] = [];
  let seen: Seen[];
  let handler: HttpTaskHandler;

  beforeEach(() => {
    seen = [];
    handler = new HttpTaskHandler(new AddressGuard(['127.0.0.0/8']), HTTP_LIMITS, someLimiter());
  });

  afterEach(async () => {
    handler.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  /** Its origin. Whatever is not answered by `answer` is answered 200. */
  async function aServer(
    answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined,
  ): Promise<string> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method, url, headers } = request;
        seen.push({ method, url, headers, body });
        answer(request, response);
        if (!response.writableEnded) response.end('arrived');
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Redirects `/` to `location` with `status`. */
  function redirecting(status: number, location: string | undefined): Promise<string> {
    return aServer(({ url }, response) => {
      if (url !== '/') return;
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
  }

  function run(url: string, params: Partial<HttpCallParams> = {}): Promise<TaskOutcome> {
    return handler.run(aCall({ url: `${url}/`, ...params }));
  }

  it.each([
    [301, 'GET', 'GET'],
    [302, 'GET', 'GET'],
    [303, 'GET', 'GET'],
    [307, 'GET', 'GET'],
    [308, 'GET', 'GET'],
    [301, 'HEAD', 'HEAD'],
    [303, 'HEAD', 'HEAD'],
  ] as const)('follows a %d of a %s', async (status, method, next) => {
    const origin = await redirecting(status, '/there?a=1#part');

    expect(await run(origin, { method, headers: SECRETS })).toMatchObject({
      kind: 'succeeded',
      results: { statusCode: 200, body: method === 'HEAD' ? '' : 'arrived' },
    });
    expect(seen[1]).toMatchObject({ method: next, url: '/there?a=1' });
    expect(seen[1]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'x-api-key': 'secret',
    });
  });

  it.each([307, 308])('repeats a request after a %d, with body and key', async (status) => {
    const origin = await redirecting(status, '/there');

    expect(await run(origin, { method: 'POST', body: { a: 1 } })).toMatchObject({
      kind: 'succeeded',
    });
    expect(seen[1]).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'activity:call:1' },
    });
  });

  it.each([303, 307])('follows no %d for a call that is for one target only', async (status) => {
    const origin = await redirecting(status, '/there');

    expect(await run(origin, { method: 'POST', body: 'a', staysThere: true })).toMatchObject({
      kind: 'failed',
      code: 'HTTP_REDIRECT_REFUSED',
      retryable: false,
    });
    expect(seen).toHaveLength(1);
  });

  it('gets the result of a POST from the address of a 303', async () => {
    const origin = await redirecting(303, '/result');

    expect(await run(origin, { method: 'POST', body: { a: 1 } })).toMatchObject({
      kind: 'succeeded',
    });
    expect(seen[1]).toMatchObject({ method: 'GET', url: '/result', body: '' });
    expect(seen[1]?.headers).not.toHaveProperty('content-type');
  });

  it('does not give a POST a new key when only its result could not be had', async () => {
    const origin = await aServer(({ url }, response) => {
      if (url === '/') response.writeHead(303, { location: '/result' }).end();
      else response.writeHead(503).end();
    });

    expect(await run(origin, { method: 'POST' })).toMatchObject({
      code: 'HTTP_STATUS',
      retryable: true,
      outcomeKnown: false,
    });
  });

  it.each([
    [
      302,
      'POST',
      '/there',
      /status 302 and the Location http:\/\/127\S*\/there, .*POST is not made again/,
    ],
    [301, 'DELETE', '/there', /DELETE is not made again/],
    [302, 'GET', undefined, /no Location/],
    [302, 'GET', 'http://', /that is no URL/],
    [302, 'GET', 'ftp://127.0.0.1/', /no http:\/\/ or https:\/\/ URL/],
    [302, 'GET', '/', /there were 3 before/],
  ] as const)('does not follow a %d of a %s to %j', async (status, method, location, message) => {
    const origin = await redirecting(status, location);

    expect(await run(origin, { method })).toMatchObject({
      code: 'HTTP_REDIRECT_REFUSED',
      message: expect.stringMatching(message) as unknown,
      retryable: false,
      results: { statusCode: status },
    });
  });

  it.each([300, 304, 305, 306])(
    'names the Location of a %d, which is no redirect',
    async (status) => {
      const origin = await redirecting(status, 'http://me:hunter2@127.0.0.1/there');

      expect(await run(origin)).toMatchObject({
        code: 'HTTP_STATUS',
        message: `The call was answered with status ${status} and the Location http://127.0.0.1/there`,
        retryable: false,
        outcomeKnown: true,
        results: { statusCode: status },
      });
      expect(seen).toHaveLength(1);
    },
  );

  it.each([
    [300, undefined],
    [404, '/there'],
  ])('names no Location of a %d with %j', async (status, location) => {
    const origin = await redirecting(status, location);

    expect(await run(origin)).toMatchObject({
      message: `The call was answered with status ${status}`,
    });
  });

  it('takes a redirect that is expected as the answer', async () => {
    const origin = await redirecting(302, '/there');

    expect(await run(origin, { expectedStatus: [{ from: 302, to: 302 }] })).toMatchObject({
      kind: 'succeeded',
      results: { statusCode: 302, headers: { location: '/there' } },
    });
  });

  it('sends no secret to another origin, nor back from there', async () => {
    let back = '';
    const other = await aServer((_request, response) => {
      response.writeHead(302, { location: `${back}/back` }).end();
    });
    const origin = await redirecting(302, `${other}/there`);
    back = origin;

    const outcome = await run(origin.replace('//', '//me:secret@'), { headers: SECRETS });

    expect(outcome).toMatchObject({ kind: 'succeeded', results: { body: 'arrived' } });
    expect(seen.map(({ url }) => url)).toEqual(['/', '/there', '/back']);
    for (const { headers } of seen.slice(1)) {
      expect(JSON.stringify(headers)).not.toContain('secret');
      expect(headers).toMatchObject({
        accept: 'text/plain',
        host: expect.stringMatching(/^127/) as unknown,
      });
    }
  });

  it('does not follow to a forbidden address, by number or by name', async () => {
    for (const location of ['http://169.254.169.254/latest', 'http://localhost:1/']) {
      const origin = await redirecting(302, location);
      const guard = new AddressGuard(['127.0.0.0/8'], (_name, _options, callback) => {
        callback(null, [{ address: '10.0.0.1', family: 4 }]);
      });
      const guarded = new HttpTaskHandler(guard, HTTP_LIMITS, someLimiter());

      const outcome = await guarded.run(aCall({ url: `${origin}/` }));

      expect(outcome).toMatchObject({ code: 'HTTP_ADDRESS_REFUSED' });
      guarded.close();
    }
  });

  it('shows no credentials of a Location', async () => {
    const origin = await redirecting(302, 'http://me:hunter2@127.0.0.1/');

    expect(
      JSON.stringify(((await run(origin, { method: 'POST' })) as { message: string }).message),
    ).not.toContain('hunter2');
  });
});

describe(redirectOf.name, () => {
  const request = { url: new URL('https://x.org/'), method: 'GET', headers: new Map() };

  it('does not leave TLS', () => {
    expect(redirectOf(request, 301, 'http://x.org/')).toMatchObject({
      kind: 'refused',
      why: 'that would leave TLS',
    });
  });

  it('is asked only for what is one', () => {
    expect([300, 301, 302, 303, 304, 305, 307, 308].filter(isRedirect)).toEqual([
      301, 302, 303, 307, 308,
    ]);
  });
});

describe('the guard of what a redirect leads to', () => {
  it('lets a public target lead to public addresses only, whatever authors may call', () => {
    const guard = new AddressGuard(['10.0.0.0/8']);

    expect(guard.permits('10.0.0.1')).toBe(true);
    expect(guard.after('8.8.8.8').permits('10.0.0.1')).toBe(false);
    expect(guard.after('8.8.8.8').permits('1.1.1.1')).toBe(true);
    expect(guard.after(undefined).permits('10.0.0.1')).toBe(false);
    expect(guard.after('10.0.0.2').permits('10.0.0.1')).toBe(true);
    expect(guard.after('8.8.8.8').after('8.8.8.8').permits('10.0.0.1')).toBe(false);
  });
});

describe(shownLocation, () => {
  it.each(['/', 'http://['])('is whole, for whoever masks it, behind %s', (start) => {
    const location = `${start}${'x'.repeat(600)}secret`;

    expect(shownLocation(location, new URL('http://a.example'))).toMatch(/secret"?$/);
  });
});
