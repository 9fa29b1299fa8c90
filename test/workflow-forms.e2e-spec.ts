import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow, startWorkflow, taskOf } from './support/run-workflow.js';

const EXAMPLES = path.resolve(import.meta.dirname, '../examples/workflows');
const YAML = { 'Content-Type': 'application/yaml' };

const SHORT = `
name: in-yaml # a comment
tasks:
  keep: { set-property: { output: kept, value: 5 } }
  tell:
    set-property: { output: told, value: "$(params.key)" }
    needs: { keep: failure }
`;

jest.setTimeout(300_000);

let system: FlowSystem;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared' });
});

afterAll(async () => {
  await system.stop();
});

function send(method: string, route: string, body: string, headers: Record<string, string> = YAML) {
  return ask(`${system.executorUrl}${route}`, {
    method,
    token: system.adminToken,
    headers: { ...headers, 'If-Match': '*' },
    body,
  });
}

function get(route: string) {
  return ask(`${system.executorUrl}${route}`, { token: system.adminToken });
}

describe('a workflow in the short form', () => {
  it('is created from YAML, and returned in both forms, each of which is the same revision', async () => {
    const created = await send('POST', '/api/v2/workflows', SHORT);
    expect(created.status).toBe(201);
    const { id } = created.body as { id: string };
    const route = `/api/v2/workflows/${id}`;

    const [short, long] = [await get(`${route}?form=short`), await get(route)];
    expect(short.body).toMatchObject({
      revision: 1,
      tasks: { tell: { needs: { keep: 'failure' } } },
    });
    expect(long.body).toMatchObject({
      tasks: [{ name: 'start' }, { name: 'keep' }, {}, { name: 'end' }],
    });

    const { tasks } = long.body as { tasks: unknown };
    expect(await send('PUT', route, SHORT)).toMatchObject({ body: { revision: 1, tasks } });
    const inJson = { 'Content-Type': 'application/json' };
    for (const form of [short, long]) {
      const { tasks } = form.body as { tasks: unknown };
      const body = JSON.stringify({ name: 'in-yaml', tasks });
      expect(await send('PUT', route, body, inJson)).toMatchObject({ body: { revision: 1 } });
    }
  });

  it('is refused with the place of each problem', async () => {
    const body =
      'name: x\ntasks:\n  a:\n    htpp: { url: y }\n  b:\n    http: { url: nowhere }\n    needs: c\n';
    const { status, body: problem } = await send('POST', '/api/v2/workflows', body);

    expect([status, problem]).toMatchObject([
      400,
      {
        code: 'BODY_INVALID',
        errors: [
          { path: 'tasks.a.htpp', line: 4, column: 5 },
          { path: 'tasks.b.needs', line: 7, column: 5 },
          { path: 'tasks.b', line: 5, column: 3 },
          { path: 'tasks.b.http.url', line: 6, column: 13 },
        ],
      },
    ]);
  });

  it('may have 1,000 tasks', async () => {
    const steps = Array.from({ length: 998 }, (_, at) => {
      const needs = at === 0 ? '' : `, needs: step-${at - 1}`;
      return `  step-${at}: { http: { url: https://example.org/${at} }, timeout: 30s${needs} }\n`;
    });
    const created = await send(
      'POST',
      '/api/v2/workflows',
      `name: long\ntasks:\n${steps.join('')}`,
    );

    expect(created).toMatchObject({ status: 201 });
  });

  it('is refused with 1,001 tasks, in any form, with the bound', async () => {
    const names = Array.from({ length: 999 }, (_, at) => `step-${at}`);
    const url = `https://example.org/${'x'.repeat(200)}`;
    const short = Object.fromEntries(names.map((name) => [name, { http: { url } }]));
    const params = [{ name: 'url', value: url }];
    const steps = names.map((name) => {
      return { name, type: 'http', params, dependencies: [{ taskRef: 'start' }] };
    });
    const end = { name: 'end', type: 'end', dependencies: names.map((taskRef) => ({ taskRef })) };
    const long = [{ name: 'start', type: 'start' }, ...steps, end];
    const inYaml = names.map((name) => `  ${name}: { http: { url: ${url} } }\n`).join('');
    const inJson = { 'Content-Type': 'application/json' };

    for (const [body, headers] of [
      [`name: large\ntasks:\n${inYaml}`, YAML],
      [JSON.stringify({ name: 'large', tasks: short }), inJson],
      [JSON.stringify({ name: 'large', tasks: long }), inJson],
    ] as const) {
      const { status, body: problem } = await send('POST', '/api/v2/workflows', body, headers);
      expect([status, problem]).toMatchObject([
        400,
        {
          code: 'BODY_INVALID',
          errors: [{ path: 'tasks', detail: 'must be an array of at most 1000 entries, not 1001' }],
        },
      ]);
    }
  });

  it('is refused if its YAML has growing aliases or is too large, and YAML is refused by other routes', async () => {
    const laughs = Array.from({ length: 12 }, (_, at) => {
      const items = at === 0 ? 'x' : Array.from({ length: 12 }, () => `*a${at - 1}`).join(', ');
      return `a${at}: &a${at} [${items}]\n`;
    }).join('');
    expect(await send('POST', '/api/v2/workflows', laughs)).toMatchObject({ status: 400 });
    expect(await send('POST', '/api/v2/workflows', `a: ${'x'.repeat(600_000)}`)).toMatchObject({
      status: 413,
      body: { detail: expect.stringContaining('larger than 524288 bytes') as string },
    });
    expect(await send('POST', '/api/v2/workflows/x/tokens', 'label: x')).toMatchObject({
      status: 415,
    });
  });
});

describe('an export of Boomerang Flow v4', () => {
  const IMPORT = '/api/v2/workflows?from=boomerang-v4';
  const JSON_BODY = { 'Content-Type': 'application/json' };

  function exported(name: string): Promise<string> {
    return readFile(path.resolve(EXAMPLES, '../boomerang-v4', `${name}.json`), 'utf8');
  }

  async function imported(name: string): Promise<CreatedWorkflow> {
    const { status, body } = await send('POST', IMPORT, await exported(name), JSON_BODY);
    expect([status, body]).toMatchObject([201, { revision: 1 }]);
    const { id } = body as { id: string };
    return { id, token: await system.api.createToken(id) };
  }

  it('runs to its end, by its conditions', async () => {
    const workflow = await imported('conditions');
    const activity = await runWorkflow(system, workflow, {
      source: 'https://shop.example/tickets',
      data: { kind: 'bug' },
    });

    expect(activity).toMatchObject({
      status: 'succeeded',
      results: { queue: 'engineering', lock: '', seen: 'yes' },
    });
    expect(taskOf(activity, 'Other')).toMatchObject({ status: 'skipped' });
  });

  it('runs to its end with every type of task', async () => {
    await system.api.createWorkflow({
      id: '651cffa3e99fd73f5122879d',
      name: 'of-the-customer',
      triggers: { task: { enabled: true } },
      params: { order: { required: true } },
      tasks: { keep: { 'set-property': { output: 'order', value: '$(params.order)' } } },
    });
    const workflow = await imported('every-task');
    const id = await startWorkflow(system, workflow, { data: { orderId: 'A-7' } });
    const byHand = ['Build', 'Check', 'Pack', 'Hand over', 'Count the stock', 'Paid'];
    for (const name of byHand) await complete(id, name);
    const activity = await system.api.untilFinal(id);

    expect(activity).toMatchObject({ status: 'succeeded', results: { payment: 12 } });
    expect(activity.tasks.map(({ name, status }) => [name, status])).toEqual(
      activity.tasks.map(({ name }) => [name, name === 'Ask finance' ? 'skipped' : 'succeeded']),
    );

    const toFinance = await startWorkflow(system, workflow, {
      data: { orderId: 'A-8', env: 'prod' },
    });
    for (const name of byHand.slice(0, 4)) await complete(toFinance, name);
    expect(await untilWaiting(toFinance, 'Ask finance')).toMatchObject({
      approval: { open: 1, group: '64ad3c599d355450e1c2c5aa' },
    });
  });

  function untilWaiting(id: string, name: string): Promise<unknown> {
    return waitFor(`${name} to wait`, async () => {
      const activity = await system.api.activity(id);
      const task = activity && taskOf(activity, name);
      return isWaiting(task) ? task : undefined;
    });
  }

  /** As whoever is waited for would: workers, people and senders are of no matter here. */
  async function complete(id: string, name: string): Promise<void> {
    await untilWaiting(id, name);
    const route = `/api/v2/activities/${id}/tasks/${encodeURIComponent(name)}/complete`;
    const body = JSON.stringify({ reason: 'a test', results: { image: 'x', data: 12 } });
    const told = await send('POST', route, body, JSON_BODY);
    expect([name, told]).toMatchObject([name, { status: 202 }]);
  }

  it('replaces a workflow, or is refused with the place of each problem in the export', async () => {
    const { body } = await send(
      'POST',
      '/api/v2/workflows',
      SHORT.replace('in-yaml', 'to-replace'),
    );
    const route = `/api/v2/workflows/${(body as { id: string }).id}?from=boomerang-v4`;
    const task = { name: 'wait', type: 'eventwait', dependencies: [{ taskRef: 'start' }] };
    const end = { name: 'end', type: 'end', dependencies: [{ taskRef: 'wait' }] };
    const workflow = (params: readonly object[], more: object = {}): string =>
      JSON.stringify({
        name: 'to-replace',
        tasks: [{ name: 'start', type: 'start' }, { ...task, params, ...more }, end],
      });
    const good = workflow([{ name: 'topic', value: 'paid' }]);
    const bad = workflow([{ name: 'topc', value: 'paid' }], { retries: 3 });

    expect(await send('PUT', route, good, JSON_BODY)).toMatchObject({
      status: 200,
      body: { revision: 2, tasks: [{}, { type: 'wait-for-event' }, {}] },
    });
    const refused = await send('PUT', route, bad);
    expect([refused.status, refused.body]).toMatchObject([
      400,
      {
        code: 'BODY_INVALID',
        errors: [
          { path: 'tasks[1].retries', line: 1 },
          { path: 'tasks[1].params', line: 1 },
          { path: 'tasks[1].params[0].name', line: 1 },
        ],
      },
    ]);
    expect(await send('POST', '/api/v2/workflows?from=elsewhere', good, JSON_BODY)).toMatchObject({
      status: 400,
    });
  });
});

function isWaiting(task: unknown): boolean {
  return (task as { readonly status?: string } | undefined)?.status === 'waiting';
}

describe('the JSON Schema of a workflow', () => {
  it('needs no token', async () => {
    const { status, body } = await ask(`${system.executorUrl}/api/v2/schemas/workflow.json`, {});
    const shipped = path.resolve(import.meta.dirname, '../schemas/workflow.schema.json');

    expect([status, body]).toEqual([200, JSON.parse(await readFile(shipped, 'utf8'))]);
  });
});

describe('each example', () => {
  it('is a valid workflow', async () => {
    for (const name of await readdir(EXAMPLES)) {
      const type = name.endsWith('.json') ? 'application/json' : 'application/yaml';
      const text = await readFile(path.join(EXAMPLES, name), 'utf8');
      const created = await send('POST', '/api/v2/workflows', text, { 'Content-Type': type });
      expect([name, created]).toMatchObject([name, { status: 201, body: { revision: 1 } }]);
    }
  });
});
