import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { type Answer, ask } from './support/answer.js';
import { keepingWorkflow } from './support/definitions.js';
import { FlowSystem } from './support/flow-system.js';
import { everyPage } from './support/pages.js';
import { newEvent } from './support/sample-event.js';
import { sendStructured } from './support/send.js';

jest.setTimeout(300_000);

/** How long a token is good that is to expire during a test: long enough to be used before. */
const SOON_MS = 15_000;

let system: FlowSystem;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
});

afterAll(() => system.stop());

describe('the API', () => {
  it.each([
    ['POST', '/api/v2/workflows'],
    ['GET', '/api/v2/workflows'],
    ['GET', '/api/v2/workflows/any'],
    ['POST', '/api/v2/workflows/any/tokens'],
    ['GET', '/api/v2/activities'],
    ['GET', '/api/v2/activities/any'],
    ['POST', '/api/v2/activities/any/cancel'],
  ])('is only for the administrator: %s %s', async (method, path) => {
    const { id, token } = await system.api.createWorkflow(
      keepingWorkflow(`guard-${method}${path.replaceAll('/', '-')}`.toLowerCase()),
    );
    const url = system.executorUrl + path.replace('any', id);
    const body = method === 'POST' ? {} : undefined;

    const without = await ask(url, { method, body });
    const wrong = await ask(url, { method, body, token });
    const query = await ask(`${url}?access_token=${system.adminToken}`, { method, body });

    expect(without).toMatchObject({ status: 401, body: { code: 'TOKEN_MISSING' } });
    expect(without.headers.get('www-authenticate')).toBe('Bearer');
    expect(wrong).toMatchObject({ status: 403, body: { code: 'ADMIN_TOKEN_INVALID' } });
    expect(query.status).toBe(401);
  });

  it('answers 404 for an unknown route, and 405 for a method that a route does not have', async () => {
    const nowhere = await system.asAdmin('/api/v2/nothing');
    const notThis = await system.asAdmin('/api/v2/workflows', { method: 'DELETE' });

    expect(nowhere).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
    expect(notThis).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
    expect(notThis.headers.get('allow')).toContain('POST');
  });
});

describe('a workflow', () => {
  it('is created, found by the address of its answer, and found in the list', async () => {
    const workflow = { ...keepingWorkflow('created'), labels: { team: 'red' }, timeoutMs: 1_000 };

    const created = await post('/api/v2/workflows', workflow);

    const { id } = created.body as { readonly id: string };
    expect(created.status).toBe(201);
    const found = await system.asAdmin(created.headers.get('location') ?? '');
    expect(found).toMatchObject({ status: 200, body: { ...workflow, id, revision: 1 } });
    expect(found.body).toEqual(created.body);
    const listed = await everyPage(system, '/api/v2/workflows?limit=100', 'workflows');
    expect(listed.map((each) => each['id'])).toContain(id);
  });

  it('has its name as its id if it brings none', async () => {
    const name = `a-${'long-'.repeat(19)}name`.slice(0, 100);

    const { id, token } = await system.api.createWorkflow(keepingWorkflow(name));
    const sent = await sendStructured(system.listenerUrl, newEvent(name), { token });

    expect({ id, sent: sent.status }).toEqual({ id: name, sent: 202 });
  });

  it('keeps an id that it is sent with, which no other can have', async () => {
    const workflow = { ...keepingWorkflow('known-id'), id: 'known_Id-1' };

    const created = await post('/api/v2/workflows', workflow);
    const again = await post('/api/v2/workflows', { ...workflow, name: 'known-id-2' });

    expect(created).toMatchObject({ status: 201, body: { id: 'known_Id-1' } });
    expect(again.status).toBe(409);
  });

  it('is refused with everything that is wrong with it at once', async () => {
    const answer = await post('/api/v2/workflows', {
      name: 'Not Kebab',
      labels: { a: 1 },
      colour: 'red',
      timeoutMs: -1,
      tasks: [
        { name: 'start', type: 'start', dependencies: [{ taskRef: 'b' }] },
        { name: 'a', type: 'http', dependencies: [{ taskRef: 'b' }] },
        { name: 'b', type: 'set-property', dependencies: [{ taskRef: 'a' }, { taskRef: 'none' }] },
        { name: 'b', type: 'carry-pigeon' },
        { name: 'end', type: 'end', dependencies: [{ taskRef: 'b' }] },
      ],
    });

    expect(answer).toMatchObject({ status: 400, body: { code: 'BODY_INVALID' } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const { errors } = answer.body as { readonly errors: readonly { readonly path: string }[] };
    const paths = new Set(errors.map(({ path }) => path));
    for (const path of ['name', 'labels', 'colour', 'timeoutMs', 'tasks[3].type']) {
      expect(paths).toContain(path);
    }
    expect(errors.length).toBeGreaterThan(8);
  });

  it('keeps labels named like members of every object', async () => {
    const labels = { constructor: 'a', toString: 'b', 'app.test/c': 'c' };

    const created = await post('/api/v2/workflows', { ...keepingWorkflow('odd-labels'), labels });

    expect(created.status).toBe(201);
    const found = await system.asAdmin(created.headers.get('location') ?? '');
    expect(Object.entries((found.body as { readonly labels: object }).labels)).toEqual(
      Object.entries(labels),
    );
  });

  it('is refused with a script that is no JavaScript, with the place of the script and in it', async () => {
    const withScript = (script: string): object => ({
      name: 'mistyped',
      tasks: { sum: { script } },
    });
    const wrong = 'const a = 1;\nreturn { a: };';

    const refused = await post('/api/v2/workflows', withScript(wrong));

    const place = /^is no JavaScript: .* \(line 2, column 13 of the script\)$/;
    const detail = expect.stringMatching(place) as string;
    const errors = [{ path: 'tasks.sum.script', detail }];
    expect(refused).toMatchObject({ status: 400, body: { code: 'BODY_INVALID', errors } });
    const right = await post('/api/v2/workflows', withScript('const a = 1;\nreturn { a };'));
    expect(right.status).toBe(201);
  });

  it.each(['id', 'description', 'triggers', 'labels', 'params', 'timeoutMs'])(
    'is refused with null for its %s',
    async (member) => {
      const workflow = { ...keepingWorkflow(`null-${member.toLowerCase()}`), [member]: null };

      const answer = await post('/api/v2/workflows', workflow);

      expect(answer.status).toBe(400);
      const { errors } = answer.body as { readonly errors: readonly { readonly path: string }[] };
      expect(new Set(errors.map(({ path }) => path))).toEqual(new Set([member]));
    },
  );

  it.each([
    ['no JSON', '{', 400],
    ['a list', '[]', 400],
    ['nothing', '', 400],
    ['too large', `{"name":"${'x'.repeat(4_300_000)}"}`, 413],
    ['nested deep', `{"tasks":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 400],
    ['with a key that is a trap', '{"__proto__":{"name":"x"}}', 400],
  ])('that is %s is refused', async (_what, text, status) => {
    const answer = await system.asAdmin('/api/v2/workflows', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: text,
    });

    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('that is not JSON by its type is refused', async () => {
    const headers = { 'content-type': 'text/plain' };

    const answer = await system.asAdmin('/api/v2/workflows', {
      method: 'POST',
      headers,
      body: '{}',
    });

    expect(answer.status).toBe(415);
  });

  it('that does not exist is 404', async () => {
    const missing = [
      await system.asAdmin('/api/v2/workflows/nobody'),
      await post('/api/v2/workflows/nobody/tokens', { label: 'x' }),
      await system.asAdmin(`/api/v2/activities/${'0'.repeat(64)}`),
      await post(`/api/v2/activities/${'0'.repeat(64)}/cancel`, {}),
    ];

    expect(missing.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });
});

describe('a token', () => {
  it('is shown once, and then only by id and label', async () => {
    const { id } = await system.api.createWorkflow(keepingWorkflow('token-shown'));

    const created = await post(`/api/v2/workflows/${id}/tokens`, { label: 'ci' });
    const workflow = await system.asAdmin(`/api/v2/workflows/${id}`);

    const { token, prefix } = created.body as { readonly token: string; readonly prefix: string };
    expect(created.status).toBe(201);
    expect(created.headers.get('cache-control')).toBe('no-store');
    expect(token).toMatch(/^bfw_[\w-]{43}$/);
    expect(token.startsWith(prefix)).toBe(true);
    expect(JSON.stringify(workflow.body)).not.toContain(token);
    expect(JSON.stringify(workflow.body)).not.toContain('hash');
    expect(workflow.body).toMatchObject({ tokens: [{ label: 'test' }, { label: 'ci' }] });
  });

  it('is accepted beside the others, as soon as the listener knows it', async () => {
    const { id, token } = await system.api.createWorkflow(keepingWorkflow('token-two'));
    const send = async (by: string): Promise<number> =>
      (await sendStructured(system.listenerUrl, newEvent(id), { token: by })).status;
    const before = await send(token);

    const second = await system.api.createToken(id);

    await waitFor('the second token', async () =>
      (await send(second)) === 202 ? true : undefined,
    );
    expect([before, await send(token)]).toEqual([202, 202]);
  });

  it('expires if it was created with an expiry', async () => {
    const { id } = await system.api.createWorkflow(keepingWorkflow('token-end'));
    const path = `/api/v2/workflows/${id}/tokens`;

    const send = async ({ body }: Answer): Promise<number> => {
      const { token } = body as { readonly token: string };
      return (await sendStructured(system.listenerUrl, newEvent(id), { token })).status;
    };
    const expiresAt = new Date(Date.now() + SOON_MS).toISOString();

    const soon = await post(path, { label: 'soon', expiresAt });
    const late = await post(path, { label: 'late', expiresAt: '2120-01-01T00:00:00+02:00' });

    expect(soon.body).toMatchObject({ expiresAt });
    expect(late.body).toMatchObject({ expiresAt: '2119-12-31T22:00:00.000Z' });
    await waitFor('both tokens', async () =>
      (await send(soon)) === 202 && (await send(late)) === 202 ? true : undefined,
    );
    await waitFor('the end of one', async () => ((await send(soon)) === 403 ? true : undefined));
    // The clocks of two processes.
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt) - 100);
    expect(await send(late)).toBe(202);
  });

  it.each<[string, object]>([
    ['no label', {}],
    ['an end that has passed', { label: 'x', expiresAt: '2020-01-01T00:00:00Z' }],
    ['a date that is none', { label: 'x', expiresAt: '2021-02-31T00:00:00Z' }],
    ['null for a date', { label: 'x', expiresAt: null }],
    ['a week for a date', { label: 'x', expiresAt: '2120-W01' }],
    ['a time of nowhere', { label: 'x', expiresAt: '2120-01-01T00:00' }],
    ['a member that it does not have', { label: 'x', expires: '2120-01-01T00:00:00Z' }],
  ])('is refused with %s', async (what, body) => {
    const name = `token-with-${what.replaceAll(' ', '-')}`;
    const { id } = await system.api.createWorkflow(keepingWorkflow(name));

    const answer = await post(`/api/v2/workflows/${id}/tokens`, body);

    expect(answer).toMatchObject({ status: 400, body: { code: 'BODY_INVALID' } });
  });
});

function post(path: string, body: unknown): Promise<Answer> {
  return system.asAdmin(path, { method: 'POST', body });
}
