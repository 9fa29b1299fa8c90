import { type ActivityState, type Input } from '../state/activity-state.js';
import { type TaskDefinition } from '../definition/definition.js';
import {
  aPlan,
  aRun,
  aScope,
  aTask,
  anHttpTask,
  failed,
  NOW,
  succeeded,
  type Upstream,
} from '../testing/builders.js';
import { advance } from './advance.js';

const SCOPE = aScope({ choice: 'b' });

function outcomeOf(
  tasks: readonly TaskDefinition[],
  last: readonly Upstream[],
  inputs: readonly Input[],
): ActivityState {
  const plan = aPlan(tasks, last);
  return advance(plan, aRun(plan, SCOPE), SCOPE, inputs, NOW).state;
}

function statusesOf(state: ActivityState): Record<string, string> {
  return Object.fromEntries(Object.entries(state.tasks).map(([name, task]) => [name, task.status]));
}

const on = (taskRef: string, executionCondition: 'always' | 'success' | 'failure'): Upstream => ({
  taskRef,
  executionCondition,
});

describe('an execution condition', () => {
  it.each([
    ['always', succeeded('call'), 'succeeded'],
    ['always', failed('call'), 'succeeded'],
    ['success', succeeded('call'), 'succeeded'],
    ['success', failed('call'), 'skipped'],
    ['failure', succeeded('call'), 'skipped'],
    ['failure', failed('call'), 'succeeded'],
  ] as const)('%s lets the next task be, after %j, %s', (condition, input, status) => {
    const next = aTask('next', 'set-property', [on('call', condition)], { output: 'x', value: 1 });

    const state = outcomeOf([anHttpTask('call'), next], ['call', 'next'], [input]);

    expect(state.tasks['next']?.status).toBe(status);
  });
});

describe('a join', () => {
  const join = aTask('join', 'set-property', ['left', 'right'], { output: 'x', value: 1 });
  const tasks = [anHttpTask('left'), anHttpTask('right'), join];

  it('waits for all that lead into it', () => {
    const state = outcomeOf(tasks, ['join'], [succeeded('left')]);

    expect(state.tasks['join']).toEqual({ status: 'pending' });
    expect(state.waitingFor?.map(({ task }) => task)).toEqual(['right']);
  });

  it('runs once both are over, whatever their order', () => {
    const inOrder = outcomeOf(tasks, ['join'], [succeeded('left'), succeeded('right')]);
    const reversed = outcomeOf(tasks, ['join'], [succeeded('right'), succeeded('left')]);

    expect(inOrder.status).toBe('succeeded');
    expect(reversed).toEqual(inOrder);
  });

  it('is skipped when one of its edges is dead', () => {
    const strict = {
      ...join,
      dependencies: [on('left', 'success'), on('right', 'success')],
    } as TaskDefinition;

    const state = outcomeOf(
      [anHttpTask('left'), anHttpTask('right'), strict],
      ['join'],
      [succeeded('left'), failed('right')],
    );

    expect(statusesOf(state)).toMatchObject({ join: 'skipped', end: 'skipped' });
    expect(state.failure).toMatchObject({ level: 'task', task: 'right' });
  });

  it('takes a skipped task with an always edge for satisfied if another path is alive', () => {
    const skipped = anHttpTask('skipped', [on('left', 'failure')]);
    const after = anHttpTask('after', ['skipped']);
    const both = anHttpTask('both', ['skipped', 'left']);

    const state = outcomeOf(
      [anHttpTask('left'), skipped, after, both],
      ['after', 'both'],
      [succeeded('left')],
    );

    expect(statusesOf(state)).toMatchObject({
      skipped: 'skipped',
      after: 'skipped',
      both: 'running',
    });
  });
});

describe('a decision', () => {
  const branch = (name: string, decisionCondition?: string): TaskDefinition =>
    aTask(
      name,
      'set-property',
      [{ taskRef: 'switch', ...(decisionCondition !== undefined && { decisionCondition }) }],
      { output: name, value: true },
    );
  const choose = (value: string, upstream: readonly Upstream[] = ['start']): TaskDefinition =>
    aTask('switch', 'decision', upstream, { value });

  it.each([
    ['the edge that matches', { b: 'b', c: 'c' }, ['b']],
    ['every edge that matches', { b: 'a\nb', c: '.*' }, ['b', 'c']],
    ['an edge of which one line matches', { b: 'x\r\nb\r\n', c: 'c' }, ['b']],
    ['the default edges when no other matches', { b: 'x', c: '', d: undefined }, ['c', 'd']],
    ['no default edge when another matches', { b: 'b', c: '' }, ['b']],
    ['no edge that matches only a part', { b: 'bb', c: '', d: '' }, ['c', 'd']],
  ])('takes %s', (_what, edges, expected) => {
    const names = Object.keys(edges);
    const tasks = Object.entries(edges).map(([name, condition]) => branch(name, condition));

    const state = outcomeOf([choose('$(params.choice)'), ...tasks], names, []);

    expect(Object.keys(state.results)).toEqual(expected);
    expect(state.status).toBe('succeeded');
  });

  it('ends the run as failed when it chooses nothing', () => {
    const state = outcomeOf([choose('z'), branch('b', 'b')], ['b'], []);

    expect(state).toMatchObject({
      status: 'failed',
      failure: { level: 'workflow', code: 'END_NOT_REACHED' },
    });
  });

  it('ignores execution conditions on its edges', () => {
    const next = anHttpTask('next', [{ taskRef: 'switch', executionCondition: 'failure' }]);

    const state = outcomeOf([choose('b'), next], ['next'], []);

    expect(state.tasks['next']?.status).toBe('running');
  });

  it.each([[5], [true], [null], [{ a: 1 }]])('matches %j as text', (value) => {
    const tasks = [
      aTask('switch', 'decision', ['start'], { value }),
      branch('b', JSON.stringify(value)),
    ];

    expect(outcomeOf(tasks, ['b'], []).results).toEqual({ b: true });
  });

  it('that is skipped skips all behind it and hangs nothing', () => {
    const tasks = [
      anHttpTask('call'),
      choose('b', [on('call', 'failure')]),
      branch('b', 'b'),
      branch('c', ''),
    ];

    const state = outcomeOf(tasks, ['call', 'b', 'c'], [succeeded('call')]);

    expect(statusesOf(state)).toMatchObject({ switch: 'skipped', b: 'skipped', c: 'skipped' });
    expect(state.status).toBe('succeeded');
  });

  it('without a usable value fails and takes no edge', () => {
    const state = outcomeOf([choose('$(params.unknown)'), branch('b')], ['b'], []);

    expect(statusesOf(state)).toMatchObject({ switch: 'failed', b: 'skipped' });
    expect(state.failure).toMatchObject({ code: 'PARAM_UNRESOLVED', task: 'switch' });
  });
});

describe('the outcome of a run', () => {
  it.each([
    ['a failure handled by a failure edge', [on('call', 'failure')], 'succeeded'],
    ['a failure handled by an always edge', [on('call', 'always')], 'succeeded'],
    ['a failure that only a success edge leaves', [on('call', 'success')], 'failed'],
  ] as const)('of %s is %s', (_what, upstream, status) => {
    const other = aTask('other', 'set-property', ['start'], { output: 'x', value: 1 });

    const state = outcomeOf(
      [
        anHttpTask('call'),
        other,
        aTask('next', 'set-property', upstream, { output: 'y', value: 1 }),
      ],
      ['other', 'next'],
      [failed('call')],
    );

    expect(state.status).toBe(status === 'failed' ? 'failed' : 'succeeded');
  });

  it('is failed when the handler of a failure was skipped', () => {
    const never = aTask('never', 'set-property', [on('other', 'failure'), on('call', 'failure')], {
      output: 'x',
      value: 1,
    });

    const state = outcomeOf(
      [anHttpTask('call'), anHttpTask('other'), never],
      ['other', 'never'],
      [failed('call'), succeeded('other')],
    );

    expect(state).toMatchObject({ status: 'failed', failure: { task: 'call' } });
  });

  it('waits for every branch, also after a failure', () => {
    const state = outcomeOf(
      [anHttpTask('call'), anHttpTask('other')],
      [on('call', 'success'), 'other'],
      [failed('call')],
    );

    expect(state.status).toBe('running');
  });
});
