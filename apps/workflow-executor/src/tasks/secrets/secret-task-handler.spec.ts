import { type SecretKeys } from '@app/auth';
import { StoreUnavailableError } from '@app/persistence';
import { aCall } from '../http/testing/a-call.js';
import { type TaskCall, TaskHandler, type TaskOutcome } from '../task-handler.js';
import { SecretTaskHandler } from './secret-task-handler.js';
import { TaskSecretNotFoundError, TaskSecrets } from './task-secrets.js';

const NONCE = 'ab'.repeat(16);
const MARK = `${NONCE}.key.`;
const SECRET = 'the-secret-itself';
const CLIENT = {
  tokenUrl: 'http://a.example/token',
  clientId: 'shop',
  clientSecret: MARK,
  authentication: 'basic',
} as const;

/** Remembers what it was given, and does what a test says. */
class Inner extends TaskHandler<'http'> {
  readonly calls: TaskCall<'http'>[] = [];
  act = (): TaskOutcome => ({ kind: 'succeeded', results: { echo: SECRET } });

  override async run(call: TaskCall<'http'>): Promise<TaskOutcome> {
    this.calls.push(call);
    return this.act();
  }
}

function handler(inner: Inner, textsOf: TaskSecrets['textsOf']): SecretTaskHandler {
  return new SecretTaskHandler(inner, { textsOf });
}

const found = (): Promise<ReadonlyMap<string, string>> =>
  Promise.resolve(new Map([['key', SECRET]]));

function callWith(params: Partial<TaskCall<'http'>['effect']['params']>): TaskCall<'http'> {
  const scope = { secretNonce: NONCE, versions: { workflow: 1 } };
  return { ...aCall({ url: 'http://a.example/', ...params }), scope };
}

describe(SecretTaskHandler, () => {
  it('puts in secret parameters of the event, asks no store for them, and masks them', async () => {
    const inner = new Inner();
    const asked: string[][] = [];
    const call = callWith({ body: [MARK, `${NONCE}.card.`] });
    const scope = { ...call.scope, secretParams: new Map([['card', 'of-the-event']]) };
    inner.act = () => ({ kind: 'succeeded', results: { echo: `${SECRET} of-the-event` } });

    const outcome = await handler(inner, (names) => {
      asked.push([...names]);
      return found();
    }).run({ ...call, scope });

    expect(asked).toEqual([['key']]);
    expect(inner.calls[0]?.effect.params.body).toEqual([SECRET, 'of-the-event']);
    expect(outcome).toEqual({ kind: 'succeeded', results: { echo: '*** ***' } });
  });

  it('masks secret parameters in the answer to a call that has none', async () => {
    const inner = new Inner();
    const call = callWith({ headers: [['x-name', 'Jürgen']] });
    const scope = { ...call.scope, secretParams: new Map([['card', 'of-the-event']]) };
    inner.act = () => ({ kind: 'succeeded', results: { kept: 'of-the-event' } });
    const noStore = (): never => {
      throw new StoreUnavailableError('read secrets');
    };

    const outcome = await handler(inner, noStore).run({ ...call, scope });

    expect(inner.calls[0]?.effect).toEqual(call.effect);
    expect(outcome).toEqual({ kind: 'succeeded', results: { kept: '***' } });
  });

  it.each([
    ['a path', { url: `http://a.example/${MARK}` }],
    ['credentials', { url: `http://user:${MARK}@a.example/` }],
    ['a header', { headers: [['x-key', `Bearer ${MARK}`]] as const }],
    ['a text', { body: `a ${MARK}` }],
    ['JSON', { body: [{ a: MARK }] }],
    ['a form', { body: `a=${MARK}`, isForm: true as const }],
    ['a field beside files', { parts: [{ name: 'a', text: MARK }] }],
    ['what it is signed with', { sign: { id: '1', secret: MARK } }],
    ['client credentials', { oauth2: { ...CLIENT, clientSecret: MARK } }],
  ])('inserts it into %s, and masks it in the answer', async (_where, params) => {
    const inner = new Inner();

    const outcome = await handler(inner, found).run(callWith(params));

    expect(JSON.stringify(inner.calls[0]?.effect.params)).toContain(SECRET);
    expect(JSON.stringify(inner.calls[0]?.effect.params)).not.toContain(NONCE);
    expect(outcome).toEqual({ kind: 'succeeded', results: { echo: '***' } });
  });

  it.each([
    ['in the host', { url: `http://${MARK}/` }, 'name of its host'],
    ['in a URL of tokens', { oauth2: { ...CLIENT, tokenUrl: MARK } }, 'only be the'],
    ['in the port', { url: `http://a.example:${MARK}/` }, 'name of its host'],
    [
      'in what redirects take along',
      { headers: [['User-Agent', `a ${MARK}`]] as const },
      'in \\"User-Agent\\"',
    ],
    [
      'with a line break in a header',
      { headers: [['x-key', MARK]] as const },
      'the header \\"x-key\\"',
    ],
  ])('refuses it %s, without showing it', async (_where, params, why) => {
    const inner = new Inner();
    const broken = new Map([['key', `${SECRET}\r\nx: y`]]);

    const outcome = await handler(inner, async () => broken).run(callWith(params));

    expect(inner.calls).toEqual([]);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'PARAM_INVALID', retryable: false });
    expect(JSON.stringify(outcome)).toContain(why);
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });

  it.each([
    ['a URL', { url: `http://a.example/?a=${MARK}` }],
    ['a form', { body: `a=${MARK}`, isForm: true as const }],
  ])('encodes in %s what a reader of URLs would, and knows it again', async (_where, params) => {
    const inner = new Inner();
    inner.act = () => ({
      kind: 'succeeded',
      results: { a: "%27it-s%21%28%29%2A'", b: "'it-s!()*'" },
    });

    const outcome = await handler(inner, async () => new Map([['key', "'it-s!()*"]])).run(
      callWith(params),
    );

    expect(JSON.stringify(inner.calls[0]?.effect.params)).toContain('a=%27it-s%21%28%29%2A');
    expect(outcome).toMatchObject({ results: { a: "***'", b: "***'" } });
  });

  it('does not show it when the handler throws', async () => {
    const inner = new Inner();
    inner.act = () => {
      throw new Error(`no header ${SECRET}`);
    };

    expect(await handler(inner, found).run(callWith({ body: MARK }))).toMatchObject({
      code: 'TASK_CRASHED',
      message: expect.stringContaining('no header ***') as string,
      outcomeKnown: false,
    });
  });

  it('takes what has another nonce for what it is', async () => {
    const inner = new Inner();
    const body = `${'cd'.repeat(16)}.key.`;

    await handler(inner, found).run(callWith({ body }));

    expect(inner.calls[0]?.effect.params.body).toBe(body);
  });

  it('is postponed when the store is gone, without using the attempt', async () => {
    const away = (): never => {
      throw new StoreUnavailableError('read');
    };

    expect(await handler(new Inner(), away).run(callWith({ body: MARK }))).toEqual({
      kind: 'postponed',
      delayMs: 1_000,
    });
  });
});

describe(TaskSecrets, () => {
  const keys: Pick<SecretKeys, 'decryptTaskSecret'> = {
    decryptTaskSecret: ({ encrypted }, scope) => `${encrypted} of ${scope}`,
  };
  const secret = { name: 'key', encrypted: 'text', changedAt: 0 };
  const version = { version: 1, parameters: {}, createdAt: 0 };
  const secrets = new TaskSecrets(
    { get: async (scope) => ({ scope, ...version, secrets: scope === 'bare' ? [] : [secret] }) },
    keys,
  );

  it.each([
    ['of the workflow first', 'w', { workflow: 1, installation: 1 }, 'text of w'],
    ['of the installation else', 'bare', { workflow: 1, installation: 1 }, 'text of *'],
  ])('gives the one %s', async (_which, workflowId, versions, text) => {
    const texts = await secrets.textsOf(['key'], workflowId, versions);

    expect(Object.fromEntries(texts)).toEqual({ key: text });
  });

  it.each([
    ['was deleted', { version: 1, secrets: [{ ...secret, encrypted: '' }] }],
    ['is in a version that is gone', undefined],
  ])("does not give the installation's when the workflow's %s", async (_why, ofWorkflow) => {
    const here = new TaskSecrets(
      {
        get: async (scope) => {
          if (scope === '*') return { scope, ...version, secrets: [secret] };
          return ofWorkflow && { scope, ...version, ...ofWorkflow };
        },
      },
      keys,
    );

    await expect(here.textsOf(['key'], 'w', { workflow: 1, installation: 1 })).rejects.toThrow(
      TaskSecretNotFoundError,
    );
  });

  it.each([
    ['bare', { workflow: 1 }],
    ['w', {}],
  ])('says that %s has none at the versions of its run', async (workflowId, versions) => {
    await expect(secrets.textsOf(['key'], workflowId, versions)).rejects.toMatchObject({
      code: 'TASK_SECRET_NOT_FOUND',
    });
  });
});
