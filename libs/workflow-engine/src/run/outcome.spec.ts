import { type ActivityState, type Input } from '../state/activity-state.js';
import { type TaskDefinition } from '../definition/definition.js';
import {
  aDefinition,
  anHttpTask,
  aRun,
  aScope,
  aTask,
  cancelled,
  failed,
  NOW,
  succeeded,
} from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { FINALLY_MS_MAX } from '../bounds.js';
import { compile } from '../plan/compile.js';
import { type Plan } from '../plan/plan.js';
import { advance } from './advance.js';
import { breakRun } from './end-run.js';
import { nextWakeAt } from './open-status.js';

const SCOPE = aScope({ choice: 'a' });
const TIME = { kind: 'time' } as const;
const onSuccess = (taskRef: string) => ({ taskRef, executionCondition: 'success' }) as const;

function last(task: TaskDefinition): TaskDefinition {
  return { ...task, dependencies: [], finally: true };
}

/** `call`, then an end that needs its success; and what comes last. */
function planOf(tasks: readonly TaskDefinition[], ...lasts: readonly TaskDefinition[]): Plan {
  const ends = tasks.map(({ name }) => onSuccess(name));
  const definition = aDefinition(tasks, ends, { timeoutMs: 60_000 });
  return compile(
    { ...definition, tasks: [...definition.tasks, ...lasts.map(last)] },
    fakePatterns,
    TEST_TASKS,
  );
}

function step(plan: Plan, state: ActivityState, now: number, ...inputs: Input[]): ActivityState {
  return advance(plan, state, SCOPE, inputs, now).state;
}

const call = anHttpTask('call');
const setStatus = (status: string, upstream = ['start']): TaskDefinition =>
  aTask('set', 'set-status', upstream, { status, message: 'so it is' });

describe('what a run ends as', () => {
  it.each([
    [
      '1 cancelled, whatever was set',
      setStatus('succeeded'),
      cancelled(),
      'cancelled',
      'CANCELLED',
    ],
    ['1 too long, whatever was set', setStatus('succeeded'), TIME, 'timedout', 'WORKFLOW_TIMEOUT'],
    [
      '2 set to succeeded, over a failure',
      setStatus('succeeded'),
      failed('call'),
      'succeeded',
      undefined,
    ],
    [
      '2 set to failed, over a success',
      setStatus('failed'),
      succeeded('call'),
      'failed',
      'STATUS_SET',
    ],
    ['3 a failure that led nowhere', undefined, failed('call'), 'failed', 'HTTP_STATUS'],
    ['4 end was reached', undefined, succeeded('call'), 'succeeded', undefined],
  ] as const)('%s', (_, set, input, status, code) => {
    const plan = planOf(set === undefined ? [call] : [call, set]);
    const now = input === TIME ? NOW + 60_000 : NOW + 1;

    const state = step(plan, aRun(plan, SCOPE), now, input);

    expect(state.status).toBe(status);
    expect(state.failure?.code).toBe(code);
  });

  it('5 end was not reached by any path', () => {
    const which = aTask('which', 'decision', ['start'], { value: 'b' });
    const only = aTask('only', 'set-property', [{ taskRef: 'which', decisionCondition: 'a' }], {
      output: 'x',
      value: 1,
    });
    const plan = compile(aDefinition([which, only], [onSuccess('only')]), fakePatterns, TEST_TASKS);

    expect(aRun(plan, SCOPE)).toMatchObject({
      status: 'failed',
      failure: { code: 'END_NOT_REACHED' },
    });
  });

  it('is the status of the last task that set one', () => {
    const again = { ...setStatus('failed', ['set']), name: 'again' };
    const plan = planOf([setStatus('succeeded'), again]);

    expect(aRun(plan, SCOPE)).toMatchObject({
      status: 'failed',
      failure: { code: 'STATUS_SET', message: 'so it is' },
    });
  });
});

describe('tasks of finally', () => {
  const clean = anHttpTask('clean');

  it.each([
    ['after a success', succeeded('call'), 'succeeded', undefined],
    ['after a failure', failed('call'), 'failed', 'HTTP_STATUS'],
    ['after a cancellation', cancelled(), 'cancelled', 'CANCELLED'],
    ['after the time of the run', TIME, 'timedout', 'WORKFLOW_TIMEOUT'],
  ] as const)('begin %s, and the run ends as it would have', (_, input, status, code) => {
    const plan = planOf([call], clean);
    const before = aRun(plan, SCOPE);
    expect(before.tasks['clean']).toEqual({ status: 'pending' });
    const now = input === TIME ? NOW + 60_000 : NOW + 1;

    const concluded = step(plan, before, now, input);
    expect(concluded).toMatchObject({ status: 'running', tasks: { clean: { status: 'running' } } });
    const state = step(plan, concluded, now + 1, succeeded('clean'));

    expect(state.status).toBe(status);
    expect(state.failure?.code).toBe(code);
    expect(state.concluded).toBeUndefined();
  });

  it('are told what has become of the others, the same at each attempt', () => {
    const tell = aTask('tell', 'http', [], {
      url: 'https://example.org/',
      body: '$(context.params.workflowrun-status) $(context.params.workflowrun-failure)',
    });
    const other = anHttpTask('other');
    const plan = planOf([call], tell, other);
    const told = (inputs: readonly Input[], from: ActivityState): unknown =>
      advance(plan, from, SCOPE, inputs, NOW + 1).effects.find(({ task }) => task === 'tell')
        ?.params;

    expect(told([failed('call')], aRun(plan, SCOPE))).toMatchObject({ body: 'failed HTTP_STATUS' });
    const concluded = step(plan, aRun(plan, SCOPE), NOW + 1, succeeded('call'));
    const after = step(plan, concluded, NOW + 1, failed('other'));
    expect(told([{ kind: 'resume' }], after)).toMatchObject({ body: 'succeeded ' });
    const stopped = step(plan, after, NOW + 1, cancelled());
    expect(told([{ kind: 'resume' }], stopped)).toMatchObject({ body: 'succeeded ' });
    expect(step(plan, stopped, NOW + 1, succeeded('tell')).status).toBe('cancelled');
  });

  it('fail a run that had succeeded, and no other', () => {
    const plan = planOf([call], clean);
    const endOf = (input: Input): ActivityState =>
      step(plan, step(plan, aRun(plan, SCOPE), NOW, input), NOW, failed('clean'));

    expect(endOf(succeeded('call'))).toMatchObject({
      status: 'failed',
      failure: { task: 'clean' },
    });
    expect(endOf(failed('call'))).toMatchObject({ status: 'failed', failure: { task: 'call' } });
    expect(endOf(cancelled())).toMatchObject({ status: 'cancelled' });
  });

  it('can set the status of the run', () => {
    const plan = planOf([call], setStatus('succeeded'));

    expect(step(plan, aRun(plan, SCOPE), NOW, failed('call')).status).toBe('succeeded');
    expect(step(plan, aRun(plan, SCOPE), NOW, cancelled()).status).toBe('cancelled');
  });

  it('go on when the run is cancelled once more, and end in their own time', () => {
    const plan = planOf([call], aTask('wait', 'topic', [], { topic: 'never' }));
    const concluded = step(plan, aRun(plan, SCOPE), NOW, cancelled());
    const again = step(plan, concluded, NOW + 5, cancelled({ id: 'signal-2', reason: 'again' }));
    expect(again).toMatchObject({ status: 'waiting', tasks: { wait: { status: 'waiting' } } });
    expect(nextWakeAt(again)).toBe(NOW + FINALLY_MS_MAX);

    const state = step(plan, again, NOW + FINALLY_MS_MAX, TIME);

    expect(state).toMatchObject({
      status: 'cancelled',
      failure: { message: 'Cancelled: no longer wanted' },
      tasks: { wait: { status: 'timedout' } },
    });
  });

  it('go on when a run is cancelled that has timed out, which it ends as', () => {
    const plan = planOf([call], clean);
    const late = step(plan, aRun(plan, SCOPE), NOW + 60_000, TIME);
    const stopped = step(plan, late, NOW + 60_001, cancelled());
    expect(stopped).toMatchObject({ status: 'running', tasks: { clean: { status: 'running' } } });

    const state = step(plan, stopped, NOW + 60_002, succeeded('clean'));

    expect(state).toMatchObject({ status: 'timedout', failure: { code: 'WORKFLOW_TIMEOUT' } });
  });

  it('keep what holds the run until they are over, but for what was stopped', () => {
    const lock = aTask('lock', 'lock', ['start'], { lock: 'one' });
    const plan = planOf([lock, { ...call, dependencies: [onSuccess('lock')] }], clean);
    const held = aRun(plan, SCOPE);
    const granted: Input = {
      kind: 'signal',
      signal: { id: 'g', at: NOW, kind: 'lock-granted', task: 'lock', attempt: 1, lock: 'one' },
    };
    const released = (from: ActivityState, ...inputs: Input[]): unknown =>
      advance(plan, from, SCOPE, inputs, NOW).outbox.map(({ kind }) => kind);
    expect(released(held, cancelled())).toEqual(['lock-release']);
    const owner = step(plan, held, NOW, granted);
    expect(released(owner, cancelled())).toEqual([]);

    const concluded = step(plan, owner, NOW, cancelled());

    expect(released(concluded, succeeded('clean'))).toEqual(['lock-release']);
  });

  it('do not begin when the engine breaks on the run, which stays cancelled', () => {
    const plan = planOf([call], clean);
    const concluded = step(plan, aRun(plan, SCOPE), NOW, cancelled());
    const failure = { level: 'workflow', code: 'ENGINE_DEFECT', message: 'broken' } as const;

    const { state } = breakRun(concluded, failure, [], NOW);

    expect(state).toMatchObject({ status: 'cancelled', failure: { code: 'CANCELLED' } });
    expect(state.tasks['clean']).toMatchObject({ status: 'failed', failure });
  });
});
