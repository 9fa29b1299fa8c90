import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ClientCredentials, type HttpCallParams } from '@app/workflow-engine';
import { type TaskOutcome } from '../../task-handler.js';
import { HttpTaskHandler } from '../http-task-handler.js';
import { AnsweringServer } from '../testing/answering-server.js';

const SECRET = 'a secret: of/the+shop!';

interface TokenRequest {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let target: AnsweringServer;
let login: AnsweringServer;
let tokenRequests: TokenRequest[];
let calls: (readonly [path: string, authorization: string | undefined])[];
/** The answer to a request for a token; the next one, if none is given. */
let giveToken: (response: ServerResponse) => void;
/** The answer of the target. */
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  [target, login] = await Promise.all([AnsweringServer.start(), AnsweringServer.start()]);
  [tokenRequests, calls] = [[], []];
  answer = (response) => response.end();
  giveToken = (response) => {
    json(response, 200, { access_token: `access-token-${tokenRequests.length}`, expires_in: 300 });
  };
  login.answer = ({ headers }, response, body) => {
    tokenRequests.push({ headers, body });
    giveToken(response);
  };
  target.answer = (request, response) => {
    calls.push([request.url ?? '', request.headers.authorization]);
    answer(response, request);
  };
});

afterEach(() => Promise.all([target.stop(), login.stop()]));

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function run(
  more: Partial<ClientCredentials> = {},
  params: Partial<HttpCallParams> = {},
  abort?: AbortSignal,
): Promise<TaskOutcome> {
  const oauth2: ClientCredentials = {
    tokenUrl: `${login.origin}/token`,
    clientId: 'shop:1',
    clientSecret: SECRET,
    authentication: 'basic',
    ...more,
  };
  return target.run({ oauth2, ...params }, abort);
}

function bearersSent(): readonly (string | undefined)[] {
  return calls.map(([, authorization]) => authorization);
}

describe(`${HttpTaskHandler.name} with client credentials`, () => {
  it('requests a token once, and sends it with each call', async () => {
    const outcomes = [await run({ scope: 'a b' }), await run({ scope: 'a b' })];

    expect(outcomes).toMatchObject([{ kind: 'succeeded' }, { kind: 'succeeded' }]);
    expect(bearersSent()).toEqual(['Bearer access-token-1', 'Bearer access-token-1']);
    expect(tokenRequests).toHaveLength(1);
    const [{ headers, body } = { headers: {}, body: '' }] = tokenRequests;
    expect(body).toBe('grant_type=client_credentials&scope=a+b');
    expect(headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    });
    const basic = Buffer.from(headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
    expect(basic).toBe('shop%3A1:a+secret%3A+of%2Fthe%2Bshop%21');
  });

  it('sends the credentials in the body when the task says so', async () => {
    await run({ authentication: 'body', audience: 'https://api.example/' });

    const [request] = tokenRequests;
    expect(request?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'client_credentials',
      audience: 'https://api.example/',
      client_id: 'shop:1',
      client_secret: SECRET,
    });
  });

  it('makes a call once more with a new token when a kept one gets 401', async () => {
    await run();
    answer = (response, { headers }) => {
      response.writeHead(headers.authorization === 'Bearer access-token-1' ? 401 : 200).end();
    };

    expect(await run({}, { method: 'POST', body: 'x' })).toMatchObject({ kind: 'succeeded' });
    expect(bearersSent().slice(1)).toEqual(['Bearer access-token-1', 'Bearer access-token-2']);
  });

  it('takes the second 401 for the answer, and one to a new token', async () => {
    answer = (response) => response.writeHead(401).end();

    const fresh = await run();
    expect([calls.length, tokenRequests.length]).toEqual([1, 1]);
    const kept = await run();
    expect([calls.length, tokenRequests.length]).toEqual([3, 2]);
    const failure = { code: 'HTTP_STATUS', retryable: false, results: { statusCode: 401 } };
    expect([fresh, kept]).toMatchObject([failure, failure]);
  });

  it('does not repeat what was done before a 401', async () => {
    answer = (response, { url }) => {
      if (url === '/path?q=1') response.writeHead(303, { location: '/done' }).end();
      else response.writeHead(calls.length > 3 ? 200 : 401).end();
    };
    await run({}, { method: 'POST' });
    calls = calls.slice(0, 1);

    await run({}, { method: 'POST' });

    expect(calls.slice(1).map(([path]) => path)).toEqual(['/path?q=1', '/done', '/done']);
  });

  it('does not take the token to another origin', async () => {
    const seen: unknown[] = [];
    login.answer = ({ url, headers }, response) => {
      if (url === '/token') {
        giveToken(response);
        return;
      }
      seen.push(headers.authorization);
      response.writeHead(302, { location: `${target.origin}/back` }).end();
    };
    answer = (response, { url }) => {
      if (url === '/path?q=1') response.writeHead(302, { location: `${login.origin}/x` });
      response.end();
    };

    await run();

    expect([...seen, ...bearersSent()]).toEqual([undefined, 'Bearer access-token-0', undefined]);
  });

  it('shows no token that the target sends back', async () => {
    answer = (response, { headers }) => {
      response.setHeader('x-echo', headers.authorization ?? '');
      json(response, 200, { echo: headers.authorization });
    };

    expect(await run()).toMatchObject({
      results: { headers: { 'x-echo': 'Bearer ***' }, body: { echo: 'Bearer ***' } },
    });
  });

  it.each([
    [400, { error: 'invalid_scope' }, false, ': invalid_scope'],
    [
      401,
      { error: 'invalid_client', error_description: 'who\n?' },
      false,
      ': invalid_client (who ?)',
    ],
    [429, {}, true, ''],
    [503, { error: 5 }, true, ''],
    [302, {}, false, ''],
  ])('fails on status %d of the token URL: %j', async (status, body, retryable, shown) => {
    giveToken = (response) => {
      json(response.setHeader('retry-after', '7').setHeader('location', '/x'), status, body);
    };

    const outcome = await run();

    expect(outcome).toMatchObject({
      code: 'OAUTH2_TOKEN_REFUSED',
      message: `No access token: ${login.origin} answered with status ${status}${shown}`,
      retryable,
      outcomeKnown: true,
      retryAfterMs: 7_000,
    });
    expect(outcome).not.toHaveProperty('results');
    expect([calls.length, tokenRequests.length]).toEqual([0, 1]);
  });

  it('masks the secret in the error before it cuts it', async () => {
    giveToken = (response) => {
      const credentials = tokenRequests[0]?.headers.authorization ?? '';
      const error_description = `${'x'.repeat(270)}${SECRET} ${credentials}`;
      json(response, 400, { error: 'invalid', error_description });
    };

    const { message = '' } = (await run()) as { readonly message?: string };

    expect(message).toContain('***');
    expect(message.length).toBeLessThan(400);
    expect(message).not.toMatch(/secret|Basic [A-Za-z0-9]/);
  });

  it.each<readonly [string, object, string]>([
    ['no token', { token_type: 'bearer' }, 'without an "access_token"'],
    ['a short token', { access_token: 'short' }, 'without an "access_token"'],
    ['a token with a line break', { access_token: 'access\r\ntoken: x' }, 'without an'],
    [
      'a token of another type',
      { access_token: 'access-token', token_type: 'mac' },
      'another type',
    ],
    [
      'too much',
      { access_token: 'access-token', more: 'x'.repeat(70_000) },
      'more than 65536 bytes',
    ],
  ])('fails when the answer has %s', async (_what, body, problem) => {
    giveToken = (response) => {
      json(response, 200, body);
    };

    expect(await run()).toMatchObject({
      code: 'OAUTH2_TOKEN_REFUSED',
      message: expect.stringContaining(problem) as string,
      retryable: false,
      outcomeKnown: true,
    });
    expect(calls).toEqual([]);
  });

  it('fails when the token URL is not reached, is refused or has credentials', async () => {
    const gone = await AnsweringServer.start();
    await gone.stop();

    expect(await run({ tokenUrl: gone.origin })).toMatchObject({
      code: 'HTTP_UNREACHABLE',
      message: expect.stringContaining(`No access token: ${gone.origin}`) as string,
      retryable: true,
      outcomeKnown: true,
    });
    expect(await run({ tokenUrl: 'http://10.1.2.3/token' })).toMatchObject({
      code: 'HTTP_ADDRESS_REFUSED',
      retryable: false,
    });
    expect(await run({ tokenUrl: 'http://a:b@127.0.0.1/' })).toMatchObject({
      code: 'PARAM_INVALID',
    });
  });

  it('covers the request for a token with the timeout of the call', async () => {
    const abort = new AbortController();
    giveToken = () => {
      abort.abort();
    };

    expect(await run({}, {}, abort.signal)).toMatchObject({
      code: 'TASK_TIMEOUT',
      retryable: true,
      outcomeKnown: true,
    });
    expect(calls).toEqual([]);
  });
});
