import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { appUrl } from '../tools/start/app-process.mjs';
import { type Answer, ask } from './support/answer.js';
import { chain, httpTask, setProperty } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow, taskOf } from './support/run-workflow.js';
import { type Call, TargetServer } from './support/target-server.js';
import { allDocuments, formsOf } from './support/traces-of-secret.js';

jest.setTimeout(300_000);

const SECRETS_KEY = 'a key of at least thirty-two characters';
/** What must stand nowhere: characters that each place encodes in its own way. */
const SECRET = 'gr8 "secret"/+&=%ä-of-the-whole-house';
const OF_WORKFLOW = 'plain-secret-of-one-workflow';
const OLD = 'old-and-replaced-secret';
const TOKEN = 'access-token-of-the-shop';
const DELETED = 'deleted-and-never-sent-again';

let system: FlowSystem;
let target: TargetServer;
const answers: string[] = [];
let env: Readonly<Record<string, string>> = { SECRETS_KEY };

beforeAll(async () => {
  target = await TargetServer.start();
  system = await FlowSystem.start({ servers: 'shared', envOfEach: () => env });
  await put('/api/v2/task-secrets/house', { value: SECRET });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

async function api(method: string, path: string, body?: object): Promise<Answer> {
  const url = `${system.executorUrl}${path}`;
  const answer = await ask(url, { method, token: system.adminToken, ...(body && { body }) });
  answers.push(JSON.stringify(answer));
  return answer;
}

async function put(path: string, body: object): Promise<Answer> {
  const answer = await api('PUT', path, body);
  expect(answer).toMatchObject({ status: 200 });
  return answer;
}

function linesAboutKey(logs: string, line: string): number {
  return logs.split(line).length;
}

/** Sends everything back that it was sent, in each of the places that it can. */
function echo(status: number) {
  return ({ path, headers, body }: Call) => ({
    status,
    body: { path, headers, body, [`in ${body}`]: Buffer.from(`x${body}`).toString('base64') },
    headers: { 'x-echo': encodeURIComponent(body), 'x-key': String(headers['x-key'] ?? '') },
  });
}

const BODY = { deep: [{ key: '$(secrets.house)' }], text: 'a $(secrets.own) b', n: '$(params.n)' };

describe('a secret', () => {
  it('is inserted only where it is referred to, encoded for its place', async () => {
    const task = httpTask('call', {
      method: 'POST',
      url: `${target.url}/in/$(secrets.house)`,
      query: { q: '$(secrets.house)' },
      headers: { 'X-Key': 'Key $(secrets.own)' },
      body: BODY,
    });
    const form = httpTask('form', {
      url: `${target.url}/form`,
      form: { f: '$(secrets.house)', given: '$(params.n)' },
    });
    const workflow = await system.api.createWorkflow(chain('with-secrets', [task, form]));
    await put(`/api/v2/workflows/${workflow.id}/task-secrets/own`, { value: OF_WORKFLOW });
    target.replyWith(echo(200));

    const data = { n: '$(secrets.house) secret.house.' };
    const activity = await runWorkflow(system, workflow, { data });

    expect(activity.status).toBe('succeeded');
    const [first, second] = target.calls;
    const encoded = encodeURIComponent(SECRET);
    expect(first?.path).toBe(`/in/${encoded}?q=${encoded}`);
    expect(first?.headers['x-key']).toBe(`Key ${OF_WORKFLOW}`);
    expect(JSON.parse(first?.body ?? '')).toEqual({
      deep: [{ key: SECRET }],
      text: `a ${OF_WORKFLOW} b`,
      n: data.n,
    });
    const fields = new URLSearchParams(second?.body);
    expect(Object.fromEntries(fields)).toEqual({ f: SECRET, given: data.n });
    expect(taskOf(activity, 'call')).toMatchObject({
      results: { headers: { 'x-key': 'Key ***' }, body: { path: '/in/***?q=***' } },
    });
  });

  it('is exchanged for an access token, which is nowhere to be seen either', async () => {
    const workflow = await system.api.createWorkflow(
      chain('with-token', [
        httpTask('call', {
          url: `${target.url}/orders`,
          oauth2: {
            tokenUrl: `${target.url}/token/$(params.tenant)`,
            clientId: 'shop',
            clientSecret: '$(secrets.house)',
            authentication: 'body',
          },
        }),
      ]),
    );
    target.replyWith(({ path, headers }) =>
      path === '/token/a%2Fb'
        ? { status: 200, body: { access_token: TOKEN, token_type: 'Bearer', expires_in: 600 } }
        : { status: 200, body: { sent: headers.authorization } },
    );

    const activities = [
      await runWorkflow(system, workflow, { data: { tenant: 'a/b' } }),
      await runWorkflow(system, workflow, { data: { tenant: 'a/b' } }),
    ];

    for (const activity of activities)
      expect(taskOf(activity, 'call')).toMatchObject({ results: { body: { sent: 'Bearer ***' } } });
    const [request, ...more] = target.callsTo('/token/a%2Fb');
    expect(more).toEqual([]);
    expect(new URLSearchParams(request?.body).get('client_secret')).toBe(SECRET);
    expect(target.callsTo('/orders').map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${TOKEN}`,
      `Bearer ${TOKEN}`,
    ]);
  });

  it('is in no failure, however the call fails', async () => {
    const key = '$(secrets.house)';
    const tasks = [
      httpTask('answered', { url: `${target.url}/a`, query: { key } }),
      httpTask('redirected', { url: `${target.url}/b`, query: { key } }),
      httpTask('gone', { url: 'http://127.0.0.1:1/c', query: { key } }),
      httpTask('refused', { url: 'http://10.1.2.3/d', query: { key } }),
      httpTask('in-header', { url: `${target.url}/e`, headers: { key } }),
    ];
    target.replyWith((call) => ({
      ...echo(call.path.startsWith('/b') ? 302 : 500)(call),
      headers: { location: `ftp://x/${call.path}` },
    }));

    const failures = [];
    for (const task of tasks) {
      const workflow = await system.api.createWorkflow(
        chain(`failing-${String(task['name'])}`, [task]),
      );
      const activity = await runWorkflow(system, workflow, {});
      failures.push(activity.failure?.code);
    }

    expect(failures).toEqual([
      'HTTP_STATUS',
      'HTTP_REDIRECT_REFUSED',
      'HTTP_UNREACHABLE',
      'HTTP_ADDRESS_REFUSED',
      'PARAM_INVALID',
    ]);
  });

  it('keeps the value that the run began with, unless it was deleted', async () => {
    const header = (name: string) => ({ headers: { key: `$(secrets.${name})` } });
    const workflow = await system.api.createWorkflow(
      chain('pinned', [
        httpTask('first', { url: `${target.url}/first`, ...header('turned') }),
        httpTask('second', { url: `${target.url}/second`, ...header('turned') }),
        httpTask('third', { url: `${target.url}/third`, ...header('deleted') }),
      ]),
    );
    const of = `/api/v2/workflows/${workflow.id}/task-secrets`;
    await put(`${of}/turned`, { value: OLD });
    await put(`${of}/deleted`, { value: DELETED });
    target.replyWith(async ({ path }) => {
      if (path === '/first') await put(`${of}/turned`, { value: 'new-secret-of-the-workflow' });
      if (path === '/second') await api('DELETE', `${of}/deleted`);
      return { status: 200 };
    });

    const activity = await runWorkflow(system, workflow, {});

    const keys = target.calls
      .filter(({ path }) => ['/first', '/second', '/third'].includes(path))
      .map(({ headers }) => headers['key']);
    // An executor may have read the text of a deleted one shortly before.
    expect([
      [OLD, OLD],
      [OLD, OLD, DELETED],
    ]).toContainEqual(keys);
    expect(activity.status).toBe(keys.length === 2 ? 'failed' : 'succeeded');
  });

  it('is listed by name only, and may be referred to only in what a call sends', async () => {
    const listed = await api('GET', '/api/v2/task-secrets');
    const misplaced = await api('POST', '/api/v2/workflows', {
      ...chain('misplaced', [
        setProperty('keep', 'kept', '$(secrets.house)'),
        httpTask('call', { url: '$(secrets.house)' }),
      ]),
    });
    const none = await api('DELETE', '/api/v2/task-secrets/no-such');
    const short = await api('PUT', '/api/v2/task-secrets/short', { value: '1234567' });

    expect(listed.body).toEqual({
      secrets: [{ name: 'house', changedAt: expect.any(String) as string }],
    });
    expect(misplaced).toMatchObject({
      status: 400,
      body: {
        errors: [
          { detail: expect.stringContaining('only in what a call sends') as string },
          { detail: expect.stringContaining('where a URL begins') as string },
        ],
      },
    });
    expect([none.status, short.status]).toEqual([404, 400]);
  });

  it('is in no document, no line of a log and no answer', async () => {
    const documents = await allDocuments(system.mongodbUrl);
    const page = await api('GET', '/api/v2/activities?limit=100');
    for (const { id } of (page.body as { readonly activities: readonly { readonly id: string }[] })
      .activities)
      await api('GET', `/api/v2/activities/${id}`);
    const everything = [...documents, await system.logs(), ...answers].join('\n');

    expect(everything).toContain('scope_versions: ');
    expect(everything).toContain('***');
    for (const secret of [SECRET, OF_WORKFLOW, OLD, DELETED, TOKEN]) {
      for (const form of formsOf(secret)) expect(everything.split(form)).toHaveLength(1);
    }
  });
});

describe('a parameter of the installation', () => {
  it('keeps the value that the run began with, and gives way to those of event and workflow', async () => {
    await put('/api/v2/parameters/region', { value: { name: 'eu', n: 1 } });
    await put('/api/v2/parameters/n', { value: 'of the installation' });
    const workflow = await system.api.createWorkflow(
      chain('of-installation', [
        httpTask('call', { url: `${target.url}/call` }),
        setProperty('keep', 'kept', '$(global.params.region.name)/$(params.n)/$(params.region.n)'),
      ]),
    );
    target.replyWith(async () => {
      await put('/api/v2/parameters/region', { value: { name: 'us' } });
      return { status: 200 };
    });

    const first = await runWorkflow(system, workflow, { data: { n: 'of the event' } });
    await api('DELETE', '/api/v2/parameters/region');
    const last = await runWorkflow(system, workflow, {});

    expect(first.results).toEqual({ kept: 'eu/of the event/1' });
    expect(last.failure).toMatchObject({ code: 'PARAM_UNRESOLVED' });
    expect((await api('GET', '/api/v2/parameters')).body).toMatchObject({
      parameters: { n: 'of the installation' },
    });
  });
});

describe.each<[string, Readonly<Record<string, string>>, string]>([
  [
    'no SECRETS_KEY where others have one',
    {},
    'SECRETS_KEY is not set here, and other processes have one',
  ],
  [
    'a wrong SECRETS_KEY',
    { SECRETS_KEY: 'another key of thirty-two characters' },
    'SECRETS_KEY is not the one',
  ],
])('%s', (_what, settings, line) => {
  it('prevents executor and listener from starting, and the error says what to do', async () => {
    env = settings;
    const apps = [system.executors[0], system.listener] as const;
    for (const app of apps) {
      const url = appUrl(app.port);
      await app.stop();
      const before = linesAboutKey(await system.logs(), line);
      // It does not get ready, or (if it found MongoDB late) not for long.
      await app.restart().catch(() => undefined);
      await waitFor('the end of the process', () =>
        ask(url).then(
          () => undefined,
          () => true,
        ),
      );
      expect(linesAboutKey(await system.logs(), line)).toBeGreaterThan(before);
    }
  });
});
