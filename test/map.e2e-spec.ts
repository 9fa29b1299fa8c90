import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow, startWorkflow, taskOf } from './support/run-workflow.js';

jest.setTimeout(300_000);

/** The longest list that a `map` takes. */
const MAP_ITEMS_MAX = 100_000;

/** So that what a dead executor had is found soon. */
const SOON = { LEASE_MS: '1000', SWEEP_INTERVAL_MS: '200', NATS_ACK_WAIT_MS: '1000' };

interface Child {
  readonly id: string;
  readonly status: string;
  readonly parent: { readonly index: number };
}

let system: FlowSystem;
let waiting: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared', executorEnv: SOON });
  const triggers = { task: { enabled: true }, event: { enabled: true } };
  await system.api.createWorkflow({
    name: 'echo',
    triggers,
    tasks: { keep: { 'set-property': { output: 'got', value: '$(params.item)-$(params.index)' } } },
  });
  waiting = await system.api.createWorkflow({
    name: 'wait',
    triggers,
    tasks: { wait: { 'wait-for-event': 'go' } },
  });
  await system.api.createWorkflow({
    name: 'ends-as',
    triggers,
    tasks: { it: { 'set-status': '$(params.item)' } },
  });
});
afterAll(() => system.stop());

function mapping(name: string, each: object): Promise<CreatedWorkflow> {
  return system.api.createWorkflow({ name, tasks: { each: { map: each } } });
}

async function childrenOf(id: string): Promise<readonly Child[]> {
  const url = `${system.executorUrl}/api/v2/activities/${id}/children?limit=100`;
  const { body } = await ask(url, { token: system.adminToken });
  return (body as { readonly children: readonly Child[] }).children;
}

/** All items of the task `each`, page by page. */
async function itemsOf(id: string): Promise<readonly { readonly results: unknown }[]> {
  const url = `${system.executorUrl}/api/v2/activities/${id}/tasks/each/items?limit=100`;
  const items: { readonly results: unknown }[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const { body } = await ask(cursor === '' ? url : `${url}&cursor=${cursor}`, {
      token: system.adminToken,
    });
    const page = body as { readonly items: typeof items; readonly nextCursor?: string };
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

async function cancel(id: string): Promise<void> {
  const url = `${system.executorUrl}/api/v2/activities/${id}/cancel`;
  await ask(url, { method: 'POST', token: system.adminToken, body: { reason: 'enough' } });
}

it('a map runs each item once, with results in order, also when executors die', async () => {
  const each = { over: '$(params.all)', workflow: 'echo', maxParallel: 5 };
  const all = Array.from({ length: 40 }, (_, at) => `item-${at}`);
  const parent = await startWorkflow(system, await mapping('echo-all', each), { data: { all } });
  await waitFor('the first of them', async () => {
    const children = await childrenOf(parent);
    return children.length > 0 ? true : undefined;
  });
  const [executor] = system.executors;
  await executor.kill();
  await executor.restart();

  const over = await system.api.untilFinal(parent);
  expect(taskOf(over, 'each')).toMatchObject({
    status: 'succeeded',
    results: {
      ...{ count: 40, succeeded: 40, failed: 0 },
      results: all.map((item, index) => ({ got: `${item}-${index}` })),
    },
  });
  const indexes = (await childrenOf(parent)).map((child) => child.parent.index);
  expect(indexes.toSorted((a, b) => a - b)).toEqual(all.map((_, index) => index));
});

it('a map has the results of more items than its record does, in the order of the list', async () => {
  const all = Array.from({ length: 1_050 }, (_, at) => `item-${at}`);
  const each = { over: '$(params.all)', workflow: 'echo', maxParallel: 500 };
  const parent = await startWorkflow(system, await mapping('many', each), { data: { all } });

  const over = await system.api.untilFinal(parent);

  const counts = { count: 1_050, succeeded: 1_050, failed: 0 };
  expect(taskOf(over, 'each')).toHaveProperty('results', counts);
  const results = (await itemsOf(parent)).map((item) => item.results);
  expect(results).toEqual(all.map((item, index) => ({ got: `${item}-${index}` })));
});

it('a map has at most maxParallel runs at a time, and cancels them with its own run', async () => {
  const each = { over: [0, 1, 2, 3, 4, 5, 6, 7], workflow: 'wait', maxParallel: 3 };
  const parent = await startWorkflow(system, await mapping('wait-all', each));
  const first = await waitFor('three that wait', async () => {
    const children = await childrenOf(parent);
    return children.filter(({ status }) => status === 'waiting').length === 3
      ? children
      : undefined;
  });
  const url = `${system.listenerUrl}/api/v2/callback?ref=${first[0]?.id ?? ''}&topic=go`;
  expect(await ask(url, { method: 'POST', token: waiting.token })).toMatchObject({ status: 202 });
  await waitFor('the fourth', async () => {
    const open = (await childrenOf(parent)).filter(({ status }) => status !== 'succeeded');
    expect(open.length).toBeLessThanOrEqual(3);
    return open.some((child) => child.parent.index === 3) ? true : undefined;
  });

  await cancel(parent);

  expect(await system.api.untilFinal(parent)).toMatchObject({ status: 'cancelled' });
  const all = await childrenOf(parent);
  expect(all).toHaveLength(4);
  for (const { id } of all) await system.api.untilFinal(id);
  const ends = (await childrenOf(parent)).map(({ status }) => status);
  expect(ends.toSorted()).toEqual(['cancelled', 'cancelled', 'cancelled', 'succeeded']);
});

it('a map takes the longest list with the settings as they are', async () => {
  const all = Array.from({ length: MAP_ITEMS_MAX }, (_, at) => at % 10);
  const each = { over: '$(params.all)', workflow: 'wait', maxParallel: 1 };
  const parent = await startWorkflow(system, await mapping('longest', each), { data: { all } });
  const [first] = await waitFor('the first of them', async () => {
    const children = await childrenOf(parent);
    return children.length > 0 ? children : undefined;
  });

  const { tasks = [] } = (await system.api.activity(parent)) ?? {};
  const progress = { total: MAP_ITEMS_MAX, begun: 1, open: 1, failed: 0 };
  expect(tasks.find(({ name }) => name === 'each')).toMatchObject({ progress });
  await cancel(parent);
  expect(await system.api.untilFinal(parent)).toMatchObject({ status: 'cancelled' });
  expect(await system.api.untilFinal(first?.id ?? '')).toMatchObject({ status: 'cancelled' });
});

it('a map with failFast: false runs all items, and counts those that failed', async () => {
  const each = { over: ['succeeded', 'failed', 'succeeded'], workflow: 'ends-as', failFast: false };
  const over = await runWorkflow(system, await mapping('all', each));

  expect(taskOf(over, 'each')).toMatchObject({
    status: 'failed',
    failure: { code: 'MAP_FAILED' },
    results: { count: 3, succeeded: 2, failed: 1, results: [{}, null, {}] },
  });
});

it('a map ends with the first item that fails', async () => {
  const each = { over: ['failed', 'succeeded'], workflow: 'ends-as', maxParallel: 1 };
  const over = await runWorkflow(system, await mapping('fast', each));

  expect(taskOf(over, 'each')).toMatchObject({ status: 'failed', failure: { code: 'MAP_FAILED' } });
  expect(await childrenOf(over.id)).toHaveLength(1);
});

it('a map over an empty list ends at once', async () => {
  const over = await runWorkflow(system, await mapping('nothing', { over: [], workflow: 'echo' }));

  expect(taskOf(over, 'each')).toMatchObject({ status: 'succeeded', results: { count: 0 } });
});
