import { jest } from '@jest/globals';
import { waitFor } from '../tools/project/wait-for.mjs';
import { ask } from './support/answer.js';
import { chain, httpTask, setProperty } from './support/definitions.js';
import { type CreatedWorkflow } from './support/flow-api.js';
import { FlowSystem } from './support/flow-system.js';
import { runWorkflow, startWorkflow, taskOf } from './support/run-workflow.js';
import { TargetServer } from './support/target-server.js';

jest.setTimeout(300_000);

/** A retry that does not keep a test waiting. */
const RETRY = { attemptsMax: 3, backoff: 'exponential', delayMs: 20, delayMsMax: 200 };

let system: FlowSystem;
let target: TargetServer;

beforeAll(async () => {
  target = await TargetServer.start();
  system = await FlowSystem.start({ servers: 'shared' });
});

afterAll(async () => {
  await system.stop();
  await target.stop();
});

describe('parameters', () => {
  it('keep their types from the event over a call to the results', async () => {
    const body = { whole: '$(params.list)', inText: 'first: $(params.list[0])' };
    const workflow = await created('types', [
      httpTask('call', { url: `${target.url}/types`, method: 'POST', body }),
      setProperty('keep', 'answer', '$(tasks.call.results.body.items[1])'),
    ]);
    target.replyWith(() => ({ status: 200, body: { items: [{}, { deep: [true, null, 1.5] }] } }));

    const activity = await runWorkflow(system, workflow, { data: { list: ['a "quoted" one', 2] } });

    const [call] = target.callsTo('/types');
    expect(call?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(call?.body ?? '')).toEqual({
      whole: ['a "quoted" one', 2],
      inText: 'first: a "quoted" one',
    });
    expect(activity).toMatchObject({ status: 'succeeded' });
    expect(activity.results).toEqual({ answer: { deep: [true, null, 1.5] } });
  });

  it('that the event does not bring fail the task that needs them', async () => {
    const workflow = await created('unresolved', [setProperty('keep', 'kept', '$(params.absent)')]);

    const activity = await runWorkflow(system, workflow);

    expect(activity).toMatchObject({
      status: 'failed',
      failure: { level: 'task', task: 'keep', code: 'PARAM_UNRESOLVED' },
    });
  });

  it('that are required and missing fail the run before its first task', async () => {
    const definition = chain('required', [httpTask('call', { url: `${target.url}/required` })]);
    const workflow = await system.api.createWorkflow({
      ...definition,
      params: [{ name: 'needed', required: true }],
    });

    const activity = await runWorkflow(system, workflow);

    expect(activity).toMatchObject({
      status: 'failed',
      failure: { level: 'workflow', code: 'PARAM_MISSING' },
    });
    expect(target.callsTo('/required')).toEqual([]);
  });
});

describe('a decision', () => {
  it.each([
    ['green', ['go', 'wait'], { went: true }],
    ['amber light', ['wait', 'go'], { waited: true }],
    ['red', ['wait', 'go'], { waited: true }],
  ])('on "%s" takes one branch, skips the other and joins', async (light, [taken, not], kept) => {
    const workflow = await branching(`light-${light.slice(0, 3)}`);

    const activity = await runWorkflow(system, workflow, { data: { light } });

    expect(activity).toMatchObject({ status: 'succeeded', results: { ...kept, joined: light } });
    expect(taskOf(activity, taken ?? '')).toMatchObject({ status: 'succeeded' });
    expect(taskOf(activity, not ?? '')).toMatchObject({ status: 'skipped' });
    expect(taskOf(activity, 'which')).toMatchObject({ decision: light });
  });
});

describe('a join', () => {
  it('waits for every branch that runs', async () => {
    const workflow = await system.api.createWorkflow({
      name: 'join',
      tasks: [
        { name: 'start', type: 'start' },
        { ...httpTask('left', { url: `${target.url}/left` }), dependencies: after('start') },
        { ...httpTask('right', { url: `${target.url}/right` }), dependencies: after('start') },
        { ...setProperty('both', 'both', true), dependencies: after('left', 'right') },
        { name: 'end', type: 'end', dependencies: after('both') },
      ],
    });
    const held = target.hold();
    const activityId = await startWorkflow(system, workflow);
    await waitFor('both calls', () =>
      target.callsTo('/left').length + target.callsTo('/right').length === 2 ? true : undefined,
    );
    const between = await system.api.activity(activityId);
    held.release();

    const activity = await system.api.untilFinal(activityId);

    expect(between).toMatchObject({ status: 'running', results: {} });
    expect(between?.tasks).toContainEqual(
      expect.objectContaining({ name: 'both', status: 'pending' }),
    );
    expect(activity).toMatchObject({ status: 'succeeded', results: { both: true } });
  });
});

describe('a failure', () => {
  it('does not fail a run whose next tasks run always, which is the default', async () => {
    const workflow = await system.api.createWorkflow({
      name: 'goes-on',
      tasks: [
        { name: 'start', type: 'start' },
        { ...httpTask('call', { url: `${target.url}/goes-on` }), dependencies: after('start') },
        { name: 'end', type: 'end', dependencies: after('call') },
      ],
    });
    target.replyWith(() => ({ status: 500 }));

    const activity = await runWorkflow(system, workflow);

    expect(activity).toMatchObject({ status: 'succeeded' });
    expect(taskOf(activity, 'call')).toMatchObject({ status: 'failed' });
  });

  it('that a task handles does not fail the run', async () => {
    const workflow = await system.api.createWorkflow({
      name: 'handled',
      tasks: [
        { name: 'start', type: 'start' },
        { ...httpTask('call', { url: `${target.url}/handled` }), dependencies: after('start') },
        {
          ...setProperty('repair', 'status', '$(tasks.call.results.statusCode)'),
          dependencies: [{ taskRef: 'call', executionCondition: 'failure' }],
        },
        { name: 'end', type: 'end', dependencies: after('repair') },
      ],
    });
    target.replyWith(() => ({ status: 410 }));

    const activity = await runWorkflow(system, workflow);

    expect(activity).toMatchObject({ status: 'succeeded', results: { status: 410 } });
    expect(taskOf(activity, 'call')).toMatchObject({ status: 'failed' });
  });
});

describe('a run', () => {
  it('that takes longer than its workflow may is timed out', async () => {
    const definition = chain('too-long', [httpTask('call', { url: `${target.url}/too-long` })]);
    const workflow = await system.api.createWorkflow({ ...definition, timeoutMs: 200 });
    const held = target.hold();

    const activity = await runWorkflow(system, workflow);
    held.release();

    expect(activity).toMatchObject({
      status: 'timedout',
      failure: { level: 'workflow', code: 'WORKFLOW_TIMEOUT' },
    });
  });

  it('says what it waits for while it waits for a retry', async () => {
    const patience = { ...RETRY, delayMs: 3_600_000, delayMsMax: 3_600_000 };
    const workflow = await created('waiting', [
      httpTask('call', { url: `${target.url}/waiting` }, { retry: patience }),
    ]);
    target.replyWith(() => ({ status: 503 }));
    const activityId = await startWorkflow(system, workflow);

    const activity = await waitFor('the wait', async () => {
      const found = await system.api.activity(activityId);
      return found?.status === 'waiting' ? found : undefined;
    });

    expect(activity.waitingFor).toMatchObject([
      { task: 'call', until: expect.any(String) as unknown },
    ]);
  });

  it('that is cancelled ends, and is not cancelled twice', async () => {
    const workflow = await created('cancelled', [
      httpTask('call', { url: `${target.url}/cancelled` }),
    ]);
    const held = target.hold();
    const activityId = await startWorkflow(system, workflow);
    await waitFor('the call', () => target.callsTo('/cancelled')[0]);
    const cancelUrl = `${system.executorUrl}/api/v2/activities/${activityId}/cancel`;
    const asking = { method: 'POST', token: system.adminToken, body: { reason: 'enough' } };

    const answer = await ask(cancelUrl, asking);
    const activity = await system.api.untilFinal(activityId);
    const again = await ask(cancelUrl, asking);
    held.release();

    expect(answer.status).toBe(202);
    expect(activity).toMatchObject({ status: 'cancelled', failure: { code: 'CANCELLED' } });
    expect(activity.failure?.message).toContain('enough');
    expect(again).toMatchObject({ status: 409, body: { code: 'ACTIVITY_ENDED' } });
  });
});

function created(
  name: string,
  tasks: readonly Readonly<Record<string, unknown>>[],
): Promise<CreatedWorkflow> {
  return system.api.createWorkflow(chain(name, tasks));
}

/** `go` for green, `wait` for whatever ends in "light" and for the rest. */
function branching(name: string): Promise<CreatedWorkflow> {
  const which = { name: 'value', value: '$(params.light)' };
  return system.api.createWorkflow({
    name,
    tasks: [
      { name: 'start', type: 'start' },
      { name: 'which', type: 'decision', dependencies: after('start'), params: [which] },
      {
        ...setProperty('go', 'went', true),
        dependencies: [{ taskRef: 'which', decisionCondition: 'green\nblue.*' }],
      },
      { ...setProperty('wait', 'waited', true), dependencies: after('which') },
      { ...setProperty('join', 'joined', '$(params.light)'), dependencies: after('go', 'wait') },
      { name: 'end', type: 'end', dependencies: after('join') },
    ],
  });
}

function after(...names: readonly string[]): readonly { readonly taskRef: string }[] {
  return names.map((taskRef) => ({ taskRef }));
}
