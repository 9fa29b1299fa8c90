import { type ClientCredentials } from '@app/workflow-engine';
import { failed } from '../broken-call.js';
import { AccessTokens } from './access-tokens.js';
import { type AccessToken, TokenRefusedError } from './token-request.js';

const CREDENTIALS: ClientCredentials = {
  tokenUrl: 'https://login.example/token',
  clientId: 'shop',
  clientSecret: 'secret-of-the-shop',
  authentication: 'basic',
};

/** Gives out a token when a test says so, each with a number. */
class Server {
  readonly requests: { readonly abort: AbortSignal; readonly settle: (error?: Error) => void }[] =
    [];
  now = 0;
  lifetimeMs = 100_000;
  readonly tokens = new AccessTokens(
    (_credentials, abort) =>
      new Promise<AccessToken>((resolve, reject) => {
        const text = `token-${this.requests.length + 1}`;
        const settle = (error?: Error): void => {
          if (error) reject(error);
          else resolve({ text, lifetimeMs: this.lifetimeMs });
        };
        this.requests.push({ abort, settle });
      }),
    () => this.now,
  );

  ask(
    workflow = 'w',
    more: Partial<ClientCredentials> = {},
    abort = new AbortController().signal,
  ): ReturnType<AccessTokens['tokenOf']> {
    return this.tokens.tokenOf(workflow, { ...CREDENTIALS, ...more }, abort);
  }

  /** Asks, and has it answered at once if that makes a request. */
  async asked(workflow?: string, more?: Partial<ClientCredentials>): Promise<string> {
    const before = this.requests.length;
    const token = this.ask(workflow, more);
    this.requests.slice(before).forEach(({ settle }) => {
      settle();
    });
    return (await token).text;
  }
}

describe(AccessTokens, () => {
  it('keeps a token until a tenth of its lifetime, a minute at most, is left', async () => {
    const server = new Server();

    await server.asked();
    server.now = 89_999;
    expect(await server.ask()).toEqual({ text: 'token-1', isKept: true });
    server.now = 90_000;
    server.lifetimeMs = 3_600_000;
    expect(await server.asked()).toBe('token-2');
    server.now += 3_600_000 - 60_001;
    expect(await server.asked()).toBe('token-2');
    server.now += 1;
    expect(await server.asked()).toBe('token-3');
  });

  it.each<readonly [string, string, Partial<ClientCredentials>]>([
    ['workflow', 'other', {}],
    ['URL', 'w', { tokenUrl: 'https://login.example/other' }],
    ['client', 'w', { clientId: 'other' }],
    ['secret', 'w', { clientSecret: 'other' }],
    ['scope', 'w', { scope: 'other' }],
    ['audience', 'w', { audience: 'other' }],
  ])('does not use it for another %s', async (_what, workflow, more) => {
    const server = new Server();

    await server.asked('w');

    expect(await server.asked(workflow, more)).toBe('token-2');
    expect(await server.asked('w')).toBe('token-1');
  });

  it('makes one request for all calls that wait for the same token', async () => {
    const server = new Server();

    const asked = [server.ask(), server.ask(), server.ask()];
    server.requests[0]?.settle();

    expect(await Promise.all(asked)).toEqual(Array(3).fill({ text: 'token-1', isKept: false }));
    expect(server.requests).toHaveLength(1);
  });

  it('does not keep a failure', async () => {
    const server = new Server();
    const refused = new TokenRefusedError(failed('OAUTH2_TOKEN_REFUSED', 'no', true));

    const asked = [server.ask(), server.ask()];
    server.requests[0]?.settle(refused);

    for (const one of asked) await expect(one).rejects.toBe(refused);
    expect(await server.asked()).toBe('token-2');
  });

  it('goes on for the other calls when one is aborted, and ends with the last', async () => {
    const server = new Server();
    const [first, second, third] = [0, 1, 2].map(() => new AbortController());
    const asked = [server.ask('w', {}, first?.signal), server.ask('w', {}, second?.signal)];

    first?.abort();
    await expect(asked[0]).rejects.toMatchObject({ outcome: { code: 'TASK_TIMEOUT' } });
    expect(server.requests[0]?.abort.aborted).toBe(false);
    second?.abort();
    await expect(asked[1]).rejects.toMatchObject({ outcome: { outcomeKnown: true } });
    expect(server.requests[0]?.abort.aborted).toBe(true);
    third?.abort();
    await expect(server.ask('w', {}, third?.signal)).rejects.toThrow(TokenRefusedError);
    expect(await server.asked()).toBe('token-3');
  });

  it('drops a token, but not the one that has replaced it', async () => {
    const server = new Server();

    await server.asked();
    server.tokens.drop('w', CREDENTIALS, 'token-1');
    expect(await server.asked()).toBe('token-2');
    server.tokens.drop('w', CREDENTIALS, 'token-1');
    expect(await server.asked()).toBe('token-2');
  });

  it('keeps the thousand that were used last', async () => {
    const server = new Server();

    for (let count = 0; count <= 1_000; count += 1) await server.asked(`w${count}`);

    expect(await server.asked('w1')).toBe('token-2');
    expect(await server.asked('w0')).toBe('token-1002');
  });
});
