import { type TaskBehaviours } from '../task-types/task-behaviour.js';
import { BUILT_IN_TASKS } from '../task-types/task-behaviours.js';
import { type TaskDefinition } from '../definition/definition.js';
import { aDefinition, anHttpTask, aTask } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { randomDefinition } from '../testing/random-definition.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { validateDefinition } from './validate-definition.js';

function problemsOf(input: unknown, behaviours: TaskBehaviours = BUILT_IN_TASKS): string[] {
  const validation = validateDefinition(input, fakePatterns, behaviours);
  if (validation.kind === 'valid') return [];
  return validation.problems.map(({ path = '', detail }) => `${path}: ${detail}`);
}

const call = (rest: object): object => ({ ...anHttpTask('call'), ...rest });
const flow = (...tasks: readonly object[]): object => ({
  tasks: [aTask('start', 'start', []), ...tasks, aTask('end', 'end', ['call'])],
});
const URL = { name: 'url', value: 'https://example.org' };
const BODY = { name: 'body', value: 'x' };
const withParam = (value: unknown, name = 'url'): object => call({ params: [{ name, value }] });
const set = (value: string, upstream = ['start']): TaskDefinition =>
  aTask('set', 'set-property', upstream, { output: 'x', value });

const RETRY = { attemptsMax: 2, backoff: 'fixed', delayMs: 5, delayMsMax: 5 } as const;

describe(validateDefinition.name, () => {
  it('gives a valid definition back', () => {
    const definition = aDefinition([anHttpTask('call')], ['call'], {
      timeoutMs: 1_000,
      params: [{ name: 'city', required: true, default: 'Rome', description: 'Where' }],
    });

    expect(validateDefinition(definition, fakePatterns, BUILT_IN_TASKS)).toEqual({
      kind: 'valid',
      definition,
    });
  });

  it('accepts every definition that the simulator makes', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      expect(problemsOf(randomDefinition(new SeededRandom(seed), 20), TEST_TASKS)).toEqual([]);
    }
  });

  it.each([null, undefined, 5, 'text', [], {}, { tasks: 5 }, { tasks: [null, 5, []] }])(
    'survives %j',
    (input) => {
      expect(problemsOf(input)).not.toEqual([]);
    },
  );

  it('says of a type with a name of ours that this installation does not run it', () => {
    const behaviours = new Map([...BUILT_IN_TASKS].filter(([type]) => type !== 'map'));

    expect(problemsOf(flow(call({ type: 'map' })), behaviours)).toContainEqual(
      expect.stringContaining(`tasks[1].type: "map" can't be run by this release`),
    );
  });

  it('reports all problems at once', () => {
    const problems = problemsOf({
      tasks: [
        { name: 'a.b', type: 'start' },
        { name: 'call', type: 'http', dependencies: [{ taskRef: 'nobody' }], params: [], retry: 5 },
        { name: 'end', type: 'ende', dependencies: [{ taskRef: 'call' }], color: 'red' },
      ],
      timeoutMs: -1,
    });

    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'timeoutMs',
      'tasks[0].name',
      'tasks[1].retry',
      'tasks[2].color',
      'tasks[2].type',
      'tasks[1].dependencies[0].taskRef',
      'tasks[1]',
      'tasks[2]',
      'tasks',
      'tasks[1].params',
    ]);
  });

  it.each([
    ['no tasks', {}, 'tasks: is missing'],
    ['an unknown member', { ...flow(call({})), extra: 1 }, 'extra: is not a known member'],
    [
      'a member __proto__',
      { ...flow(call({})), ...(JSON.parse('{"__proto__":1}') as object), ['__proto__']: 1 },
      '__proto__: is not a known member',
    ],
    ['a task without a name', flow({ type: 'http' }, call({})), 'tasks[1].name: is missing'],
    [
      'a name with a dot',
      flow(call({}), call({ name: 'a.b' })),
      'tasks[2].name: may have only letters',
    ],
    [
      'a reserved name',
      flow(call({}), call({ name: '__proto__' })),
      'tasks[2].name: is a reserved',
    ],
    [
      'a long name',
      flow(call({}), call({ name: 'a'.repeat(101) })),
      'tasks[2].name: must be a string of',
    ],
    ['a name twice', flow(call({}), call({})), 'tasks[2].name: "call" is used twice'],
    [
      'two starts',
      flow(call({}), aTask('s', 'start', [])),
      'tasks: must hold exactly one task of type start',
    ],
    [
      'no end',
      { tasks: [aTask('start', 'start', [])] },
      'tasks: must hold exactly one task of type end, not 0',
    ],
    [
      'an unknown dependency',
      flow(call({ dependencies: [{ taskRef: 'x' }] })),
      'tasks[1].dependencies[0].taskRef: no task',
    ],
    [
      'a task on itself',
      flow(call({ dependencies: [{ taskRef: 'call' }] })),
      'tasks[1].dependencies[0].taskRef: is the task itself',
    ],
    [
      'a dependency twice',
      flow(anHttpTask('call', ['start', 'start'])),
      'tasks[1].dependencies[1].taskRef: "start" is listed twice',
    ],
    [
      'a dependency of start',
      { tasks: [aTask('start', 'start', ['end']), aTask('end', 'end', ['start'])] },
      'tasks[0].dependencies: start may',
    ],
    [
      'a task after end',
      flow(call({}), set('x', ['end'])),
      'tasks[2].dependencies[0].taskRef: nothing may depend on end',
    ],
    [
      'a task out of nowhere',
      flow(call({}), { ...set('x', []) }),
      'tasks[2]: no path leads to it from start',
    ],
    ['a dead end', flow(call({}), set('x')), 'tasks[2]: no path leads from it to end'],
    [
      'an execution condition',
      flow(call({ dependencies: [{ taskRef: 'start', executionCondition: 'maybe' }] })),
      'tasks[1].dependencies[0].executionCondition: must be one of always',
    ],
    [
      'a decision condition elsewhere',
      flow(call({ dependencies: [{ taskRef: 'start', decisionCondition: 'x' }] })),
      'tasks[1].dependencies[0].decisionCondition: "start" is no decision',
    ],
    [
      'a timeout of nothing',
      flow(call({ timeoutMs: 0 })),
      'tasks[1].timeoutMs: must be a number from 1',
    ],
    [
      'a timeout of months',
      flow(call({ timeoutMs: 1e10 })),
      'tasks[1].timeoutMs: must be a number',
    ],
    [
      'half a millisecond',
      flow(call({ timeoutMs: 1.5 })),
      'tasks[1].timeoutMs: must be a whole number',
    ],
    [
      'a retry without end',
      flow(call({ retry: { attemptsMax: 1_000 } })),
      'tasks[1].retry.attemptsMax: must be a number from 1 to 100',
    ],
    [
      'a retry without delay',
      flow(call({ retry: { attemptsMax: 2 } })),
      'tasks[1].retry.delayMs: is missing',
    ],
    [
      'a list of delays without one',
      flow(call({ retry: { attemptsMax: 2, backoff: 'list', delaysMs: [] } })),
      'tasks[1].retry.delaysMs: must be whole numbers from 1 to 86400000',
    ],
    [
      'a delay that is none',
      flow(call({ retry: { attemptsMax: 2, backoff: 'list', delaysMs: [5, 0] } })),
      'tasks[1].retry.delaysMs: must be whole numbers from 1 to 86400000',
    ],
    [
      'a list beside other delays',
      flow(call({ retry: { attemptsMax: 2, backoff: 'list', delaysMs: [5], delayMs: 5 } })),
      'tasks[1].retry.delayMs: is not a known member (did you mean "delaysMs"?)',
    ],
    [
      'a retry when nothing fails',
      flow(call({ retry: { ...RETRY, when: [] } })),
      'tasks[1].retry.when: must be codes of failures, or statuses as 503, "5xx" and "500-504", and not empty',
    ],
    [
      'a failure without a name',
      flow(call({ retry: { ...RETRY, when: ['HTTP_STATUS', 'not a code'] } })),
      'tasks[1].retry.when: must be codes of failures, or statuses as 503, "5xx" and "500-504", and not empty',
    ],
    [
      'an end of retries that is none',
      flow(call({ retry: { ...RETRY, then: 'stop' } })),
      'tasks[1].retry.then: must be one of fail, pause',
    ],
    [
      'a missing parameter',
      flow(call({ params: [] })),
      'tasks[1].params: http needs a parameter "url"',
    ],
    [
      'an unknown parameter',
      flow(withParam('x', 'uri')),
      'tasks[1].params[0].name: http takes no parameter "uri"',
    ],
    [
      'two parameters that exclude each other',
      flow(call({ params: [URL, BODY, { name: 'form', value: {} }] })),
      'tasks[1].params: http takes either "form" or "body", not both',
    ],
    [
      'a URL as it is where no URL is',
      flow(call({ params: [URL, { ...BODY, value: '$(url:params.x)' }] })),
      'tasks[1].params[1].value: $(url:params.x): "url:" has a meaning only',
    ],
    ['a wrong value', flow(withParam('nowhere')), 'tasks[1].params[0].value: must be an http'],
    [
      'no JSON value',
      flow(withParam(Number.NaN)),
      'tasks[1].params[0].value: must be a JSON value',
    ],
    [
      'a huge value',
      flow(withParam('x'.repeat(300_000))),
      'tasks[1].params[0].value: must be a JSON value of at most',
    ],
    [
      'a malformed reference',
      flow(withParam('https://$(host)')),
      'tasks[1].params[0].value: "$(host)" is no reference',
    ],
    [
      'results of nobody',
      flow(withParam('https://$(tasks.x.results.body)')),
      'tasks[1].params[0].value: $(tasks.x.results.body): no task',
    ],
    [
      'results from downstream',
      flow(withParam('https://$(tasks.end.results.x)')),
      'tasks[1].params[0].value: $(tasks.end.results.x): task "end" does not come before',
    ],
    [
      'results that no http task has',
      flow(call({}), set('$(tasks.call.results.bodi)', ['call'])),
      'tasks[2].params[1].value: $(tasks.call.results.bodi): task "call" has only',
    ],
    [
      'a parameter of the workflow',
      { ...flow(call({})), params: [{ name: '1st' }] },
      'params[0].name: may have only',
    ],
    [
      'a parameter twice',
      { ...flow(call({})), params: [{ name: 'a' }, { name: 'a' }] },
      'params[1].name: "a" is used twice',
    ],
    [
      'too many tasks',
      { tasks: Array.from({ length: 1_001 }, () => ({})) },
      'tasks: must be an array of at most 1000',
    ],
  ])('reports %s', (_what, input, expected) => {
    expect(problemsOf(input)).toContainEqual(expect.stringContaining(expected));
  });
});
