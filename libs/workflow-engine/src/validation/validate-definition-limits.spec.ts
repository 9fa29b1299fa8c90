import { type TaskBehaviours } from '../task-types/task-behaviour.js';
import { BUILT_IN_TASKS } from '../task-types/task-behaviours.js';
import { type TaskDefinition } from '../definition/definition.js';
import { aDefinition, anHttpTask, aTask } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { validateDefinition } from './validate-definition.js';

function problemsOf(input: unknown, behaviours: TaskBehaviours = BUILT_IN_TASKS): string[] {
  const validation = validateDefinition(input, fakePatterns, behaviours);
  if (validation.kind === 'valid') return [];
  return validation.problems.map(({ path = '', detail }) => `${path}: ${detail}`);
}

describe('what validateDefinition reports', () => {
  it('names a cycle, and each that shares no task with it', () => {
    const on = (name: string, upstream: string): TaskDefinition => anHttpTask(name, [upstream]);

    const problems = problemsOf(
      aDefinition([on('a', 'b'), on('b', 'a'), on('c', 'd'), on('d', 'c')], ['start']),
    );

    expect(problems.filter((problem) => problem.includes('circle'))).toEqual([
      'tasks: depend on each other in a circle: a → b → a',
      'tasks: depend on each other in a circle: c → d → c',
    ]);
  });

  it('names parameters that refer to each other', () => {
    const params = { output: '$(params.value)', value: '$(params.output)' };

    const problems = problemsOf(aDefinition([aTask('set', 'set-property', ['start'], params)]));

    expect(problems).toEqual([
      'tasks[1].params: refer to each other in a circle: output → value → output',
    ]);
  });

  it('names the line of a decision condition that is no pattern', () => {
    const edge = { taskRef: 'switch', decisionCondition: 'fine\n(' };
    const tasks = [
      aTask('switch', 'decision', ['start'], { value: 'x' }),
      anHttpTask('call', [edge]),
    ];

    expect(problemsOf(aDefinition(tasks))).toEqual([
      'tasks[2].dependencies[0].decisionCondition: "(": parentheses are not supported',
    ]);
  });

  it('stops reporting at a hundred', () => {
    const tasks = Array.from({ length: 400 }, (_, at) => ({ name: `t${at}`, type: 'nonsense' }));

    expect(problemsOf({ tasks })).toHaveLength(100);
  });
});
