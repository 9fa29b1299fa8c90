import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { type ActivityView, type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow, startWorkflow, taskOf } from './support/run-workflow.js';

jest.setTimeout(300_000);

/** So that what a dead executor had is found soon. */
const SOON = { LEASE_MS: '1000', SWEEP_INTERVAL_MS: '200', NATS_ACK_WAIT_MS: '1000' };

const CALLED = {
  triggers: { task: { enabled: true }, event: { enabled: true } },
  params: { order: { required: true } },
  tasks: {
    wait: { 'wait-for-event': 'go' },
    keep: { 'set-property': { output: 'order', value: '$(params.order)' }, needs: 'wait' },
  },
};

interface ChildrenPage {
  readonly children: readonly { readonly id: string; readonly status: string }[];
}

let system: FlowSystem;
let called: CreatedWorkflow;

beforeAll(async () => {
  system = await FlowSystem.start({ servers: 'shared', executorEnv: SOON });
  called = await system.api.createWorkflow({ name: 'called', ...CALLED });
});
afterAll(() => system.stop());

function calling(name: string, task: object, more: object = {}): Promise<CreatedWorkflow> {
  const call = { 'run-workflow': { workflow: 'called', params: { order: 7 }, ...task }, ...more };
  return system.api.createWorkflow({ name, tasks: { call } });
}

async function childrenOf(id: string): Promise<ChildrenPage['children']> {
  const url = `${system.executorUrl}/api/v2/activities/${id}/children`;
  const { status, body } = await ask(url, { token: system.adminToken });
  expect(status).toBe(200);
  return (body as ChildrenPage).children;
}

function untilChild(id: string): Promise<ActivityView> {
  return waitFor(`the child of ${id}`, async () => {
    const [child] = await childrenOf(id);
    const found = child && (await system.api.activity(child.id));
    return found?.waitingFor?.some(({ kind }) => kind === 'event') === true ? found : undefined;
  });
}

async function tellToGo(id: string): Promise<void> {
  const url = `${system.listenerUrl}/api/v2/callback?ref=${id}&topic=go`;
  expect(await ask(url, { method: 'POST', token: called.token })).toMatchObject({ status: 202 });
}

async function cancel(id: string): Promise<void> {
  const url = `${system.executorUrl}/api/v2/activities/${id}/cancel`;
  const body = { reason: 'enough' };
  const answer = await ask(url, { method: 'POST', token: system.adminToken, body });
  expect(answer).toMatchObject({ status: 202 });
}

it('a task begins one run of another workflow and has its results, also when executors die', async () => {
  const parent = await startWorkflow(system, await calling('calling', {}));
  const child = await untilChild(parent);

  expect(child).toMatchObject({
    workflowId: called.id,
    trigger: 'task',
    parent: { activityId: parent, task: 'call', attempt: 1 },
  });
  expect(await system.api.activity(parent)).toMatchObject({
    waitingFor: [{ task: 'call', kind: 'children' }],
  });
  const waiting = await system.api.activity(parent);
  expect(waiting && taskOf(waiting, 'call')).toMatchObject({
    child: { activityId: child.id, workflow: 'called' },
  });
  const [executor] = system.executors;
  await executor.kill();
  await executor.restart();
  await tellToGo(child.id);

  expect(taskOf(await system.api.untilFinal(parent), 'call')).toMatchObject({
    status: 'succeeded',
    results: { activity: child.id, status: 'succeeded', results: { order: 7 } },
  });
  expect(await childrenOf(parent)).toMatchObject([{ id: child.id, status: 'succeeded' }]);
});

it.each([
  ['cancelled with it', {}, 'cancelled'],
  ['left', { onCancel: 'leave' }, 'succeeded'],
])('a run that is cancelled has its child %s', async (_what, task, end) => {
  const name = `calling-${end}`;
  const parent = await startWorkflow(system, await calling(name, task));
  const child = await untilChild(parent);
  await cancel(parent);

  expect(await system.api.untilFinal(parent)).toMatchObject({ status: 'cancelled' });
  if (end === 'succeeded') await tellToGo(child.id);
  expect(await system.api.untilFinal(child.id)).toMatchObject({ status: end });
});

it('a task that takes too long has its child cancelled', async () => {
  const parent = await startWorkflow(system, await calling('impatient', {}, { timeout: '2s' }));
  expect(taskOf(await system.api.untilFinal(parent), 'call')).toMatchObject({ status: 'timedout' });

  const [child] = await waitFor('the child', async () => {
    const children = await childrenOf(parent);
    return children.length > 0 ? children : undefined;
  });
  expect(await system.api.untilFinal(child?.id ?? '')).toMatchObject({ status: 'cancelled' });
});

it('a task with wait: false ends when its child is recorded', async () => {
  const parent = await runWorkflow(system, await calling('not-waiting', { wait: false }));
  const [child] = await childrenOf(parent.id);

  expect(taskOf(parent, 'call')).toMatchObject({
    status: 'succeeded',
    results: { activity: child?.id },
  });
  await untilChild(parent.id);
  await tellToGo(child?.id ?? '');
  expect(await system.api.untilFinal(child?.id ?? '')).toMatchObject({ status: 'succeeded' });
});

it.each([
  ['WORKFLOW_NOT_FOUND', 'has no workflow to begin', { workflow: 'nobody' }],
  ['CHILD_PARAM_MISSING', 'does not give what that needs', { params: {} }],
  ['TRIGGER_OFF', 'may not begin it', { workflow: 'closed' }],
])('a task fails with %s that %s', async (code, _what, task) => {
  if (code === 'TRIGGER_OFF') {
    await system.api.createWorkflow({ name: 'closed', tasks: CALLED.tasks });
  }
  const slug = code.toLowerCase().replaceAll('_', '-');
  const parent = await runWorkflow(system, await calling(`refused-${slug}`, task));

  expect(taskOf(parent, 'call')).toMatchObject({ status: 'failed', failure: { code } });
  const [refused, ...others] = await childrenOf(parent.id);
  expect(others).toEqual([]);
  expect(await system.api.untilFinal(refused?.id ?? '')).toMatchObject({
    status: 'failed',
    failure: { code },
    tasks: [],
  });
});

function scheduling(name: string, when: object): Promise<CreatedWorkflow> {
  const later = { 'run-scheduled-workflow': { workflow: 'called', params: { order: 7 }, ...when } };
  return system.api.createWorkflow({ name, tasks: { later } });
}

it('a run for a later time is recorded, says what it waits for, and can be cancelled', async () => {
  const at = '2099-12-24T18:00';
  const due = '2099-12-24T17:00:00.000Z';
  const workflow = await scheduling('scheduling', { at, timezone: 'Europe/Berlin' });
  const parent = await runWorkflow(system, workflow);
  const [child] = await childrenOf(parent.id);
  const id = child?.id ?? '';

  expect(taskOf(parent, 'later')).toMatchObject({
    status: 'succeeded',
    results: { activity: id, at: due },
  });
  await tellToGo(id);
  expect(await system.api.activity(id)).toMatchObject({
    status: 'queued',
    wakeAt: due,
    waitingFor: [{ kind: 'timer', until: due }],
  });
  await cancel(id);
  expect(await system.api.untilFinal(id)).toMatchObject({ status: 'cancelled' });
});

it('a run for a later time begins at that time, with the signals that came before', async () => {
  const parent = await runWorkflow(system, await scheduling('scheduling-soon', { in: '4s' }));
  const [child] = await childrenOf(parent.id);
  await tellToGo(child?.id ?? '');

  const ended = await system.api.untilFinal(child?.id ?? '');
  const { results } = taskOf(parent, 'later') as { readonly results: { readonly at: string } };
  expect(ended).toMatchObject({ status: 'succeeded', results: { order: 7 } });
  expect(Date.parse(ended.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(results.at));
});

it('runs that begin each other without waiting are stopped, also those for a later time', async () => {
  const triggers = { task: { enabled: true }, event: { enabled: true } };
  const ping = await system.api.createWorkflow({
    name: 'ping',
    triggers,
    tasks: { next: { 'run-workflow': { workflow: 'pong', wait: false } } },
  });
  await system.api.createWorkflow({
    name: 'pong',
    triggers,
    tasks: { next: { 'run-scheduled-workflow': { workflow: 'ping', in: '1ms' } } },
  });
  const first = await startWorkflow(system, ping);

  let last = await system.api.untilFinal(first);
  let generations = 0;
  while (last.tasks.length > 0) {
    expect(generations).toBeLessThan(11);
    generations += 1;
    const next = await waitFor('the next run', async () => (await childrenOf(last.id))[0]);
    last = await system.api.untilFinal(next.id);
  }
  // The last one is the record of what was refused.
  expect(generations).toBe(11);
  expect(last).toMatchObject({ failure: { code: 'CHILD_TOO_DEEP' } });
});

it('runs that begin each other endlessly are stopped', async () => {
  const workflow = await system.api.createWorkflow({
    name: 'endless',
    triggers: { task: { enabled: true }, event: { enabled: true } },
    tasks: { again: { 'run-workflow': 'endless' } },
  });
  const first = await runWorkflow(system, workflow);

  expect(taskOf(first, 'again')).toMatchObject({ failure: { code: 'CHILD_FAILED' } });
  let [child] = await childrenOf(first.id);
  let generations = 0;
  let last = first.id;
  while (child) {
    generations += 1;
    last = child.id;
    [child] = await childrenOf(child.id);
  }
  // The last one is the record of what was refused.
  expect(generations).toBe(11);
  expect(await system.api.untilFinal(last)).toMatchObject({
    failure: { code: 'CHILD_TOO_DEEP' },
    tasks: [],
  });
});
