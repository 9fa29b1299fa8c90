import {
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  membersIn,
  parseJson,
  toJsonText,
} from '@app/json';
import fc from 'fast-check';
import { type TaskDefinition, type WorkflowDefinition } from '../definition/definition.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { aTask } from '../testing/builders.js';
import { randomDefinition } from '../testing/random-definition.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { shortForm } from './to-short.js';
import { typeForms, validateForm } from './validate-forms.js';

const TYPES = typeForms(TEST_TASKS);
const URL = 'https://example.org/';

function valid(input: unknown): WorkflowDefinition {
  const validation = validateForm(input, fakePatterns, TEST_TASKS);
  if (validation.kind === 'valid') return validation.definition;
  throw new Error(JSON.stringify(validation.problems, undefined, 2));
}

function problemsOf(input: unknown): readonly string[] {
  const validation = validateForm(input, fakePatterns, TEST_TASKS);
  if (validation.kind === 'valid') return [];
  return validation.problems.map(({ path, detail }) => `${path ?? ''}: ${detail}`);
}

function throughText(value: JsonValue): JsonValue {
  return parseJson(toJsonText(value));
}

/** The tasks by name, as they stand in the order of their names. */
function tasksOf(input: unknown): Readonly<Record<string, TaskDefinition>> {
  return Object.fromEntries(valid(input).tasks.map((task) => [task.name, task]));
}

/** Names that JavaScript sorts first, other names for start and end, the rest of what may be said. */
function spelledOddly(definition: WorkflowDefinition, random: SeededRandom): WorkflowDefinition {
  const names = new Map<string, string>();
  for (const [at, { name }] of definition.tasks.entries()) {
    names.set(name, random.pick(name, name, `${at}0`, `${name} of it`, `needs-${at}`));
  }
  const nameOf = (name: string): string => names.get(name) ?? name;
  const tasks = definition.tasks.map((task): TaskDefinition => ({
    ...task,
    name: nameOf(task.name),
    dependencies: (task.dependencies ?? []).map((one) => ({
      ...one,
      taskRef: nameOf(one.taskRef),
      ...(one.executionCondition === undefined &&
        random.chance(0.1) && { executionCondition: random.pick('success', 'failure') }),
    })),
    ...(random.chance(0.1) && { timeoutMs: 1 + random.below(100_000_000 / 2) }),
  }));
  const shuffled = random.chance(0.2) ? [...tasks.slice(1), ...tasks.slice(0, 1)] : tasks;
  const params = random.chance(0.5)
    ? [{ name: 'choice', default: { a: [1, null] }, required: true }, { name: 'other' }]
    : [];
  return { ...definition, tasks: shuffled, params };
}

describe('the short form', () => {
  it('is made of every definition, and makes it again to the last member', () => {
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), (seed, oddly) => {
        const random = new SeededRandom(seed);
        const plain = randomDefinition(random, 12);
        const definition = valid(oddly ? spelledOddly(plain, random) : plain);

        const short = throughText(shortForm(definition, TYPES) as unknown as JsonValue);
        expect(valid(short)).toEqual(definition);
      }),
      { numRuns: 500 },
    );
  });

  it('lists the delays of a retry, and what is tried again', () => {
    const retry = {
      attemptsMax: 5,
      delays: ['1s', '1m'],
      when: [503, 'HTTP_TIMEOUT'],
      then: 'pause',
    };
    const { call } = tasksOf({ tasks: { call: { http: { url: URL }, retry } } });

    expect(call?.retry).toEqual({
      attemptsMax: 5,
      backoff: 'list',
      delaysMs: [1_000, 60_000],
      when: ['503', 'HTTP_TIMEOUT'],
      then: 'pause',
    });
  });

  it('implies start and end, and success', () => {
    const definition = valid({
      tasks: {
        'charge back': { http: { method: 'POST', url: URL }, retry: { attemptsMax: 5 } },
        ask: { http: { url: URL }, needs: 'charge back', timeout: '1m30s' },
      },
    });

    expect(definition.tasks).toEqual([
      aTask('start', 'start', []),
      aTask(
        'charge back',
        'http',
        ['start'],
        { method: 'POST', url: URL },
        {
          retry: { attemptsMax: 5, backoff: 'exponential', delayMs: 1_000, delayMsMax: 60_000 },
        },
      ),
      aTask(
        'ask',
        'http',
        [{ taskRef: 'charge back', executionCondition: 'success' }],
        { url: URL },
        {
          timeoutMs: 90_000,
        },
      ),
      aTask('end', 'end', [{ taskRef: 'ask', executionCondition: 'success' }]),
    ]);
  });

  it('reaches the end also when what is left was skipped', () => {
    const tasks = tasksOf({
      tasks: {
        ask: { http: { url: URL } },
        tell: { http: { url: URL }, needs: { ask: 'failure' } },
      },
    });

    expect(tasks['end']?.dependencies).toEqual([
      { taskRef: 'start' },
      { taskRef: 'tell', executionCondition: 'success' },
    ]);
  });

  it('has patterns only out of a decision, where the name alone is its default', () => {
    const set = { 'set-property': { output: 'o', value: 1 } };
    const tasks = tasksOf({
      tasks: {
        which: { decision: '$(params.event)' },
        good: { ...set, needs: { which: 'success' } },
        other: { ...set, needs: 'which' },
        both: { ...set, needs: ['good', 'other'] },
        late: { ...set, needs: { good: 'always', other: 'failure' } },
      },
    });

    expect(tasks['which']?.params).toEqual([{ name: 'value', value: '$(params.event)' }]);
    expect(tasks['good']?.dependencies).toEqual([
      { taskRef: 'which', decisionCondition: 'success' },
    ]);
    expect(tasks['other']?.dependencies).toEqual([{ taskRef: 'which' }]);
    expect(tasks['both']?.dependencies).toEqual([
      { taskRef: 'good', executionCondition: 'success' },
      { taskRef: 'other', executionCondition: 'success' },
    ]);
    expect(tasks['late']?.dependencies).toEqual([
      { taskRef: 'good' },
      { taskRef: 'other', executionCondition: 'failure' },
    ]);
  });

  it('keeps the order in which tasks and parameters were written', () => {
    const task = { 'set-property': { output: 'o', value: 1 } };
    const definition = valid({
      params: jsonObjectOf([
        ['z', {}],
        ['a', null],
      ]),
      tasks: jsonObjectOf([
        ['b', task],
        ['10', task],
        ['9', task],
      ]),
    });

    expect(definition.tasks.map(({ name }) => name)).toEqual(['start', 'b', '10', '9', 'end']);
    expect(definition.params?.map(({ name }) => name)).toEqual(['z', 'a']);
    const { tasks } = shortForm(definition, TYPES);
    expect(membersIn(tasks).map(([name]) => name)).toEqual(['b', '10', '9']);
  });

  it.each<readonly [string, JsonObject, string]>([
    ['no type', { a: { needs: [] } }, 'tasks.a: names no task type: start,'],
    [
      'a misspelt type',
      { a: { htpp: { url: URL } } },
      'tasks.a.htpp: is neither a task type nor one of needs, timeout, retry (did you mean "http"?)',
    ],
    [
      'two types',
      { a: { http: { url: URL }, decision: 'x' } },
      'tasks.a.decision: a task has one type',
    ],
    ['a type of later', { a: { 'run-workflow': 'x' } }, 'tasks.a.run-workflow: must be an object'],
    ['no object', { a: 'http' }, 'tasks.a: must be an object with a task type'],
    [
      'an unknown task',
      { charge: { http: { url: URL } }, b: { http: { url: URL }, needs: 'chrage' } },
      'tasks.b.needs: no task has the name "chrage" (did you mean "charge"?)',
    ],
    [
      'an unknown task in a list',
      { a: { http: { url: URL }, needs: ['b'] } },
      'tasks.a.needs[0]: no task',
    ],
    [
      'needs of no kind',
      { a: { http: { url: URL }, needs: 5 } },
      'tasks.a.needs: must be the name of a task, a list',
    ],
    [
      'a condition of no kind',
      { a: { http: { url: URL } }, b: { http: { url: URL }, needs: { a: [5] } } },
      'tasks.b.needs.a: must be "success"',
    ],
    [
      'an unknown condition',
      { a: { http: { url: URL } }, b: { http: { url: URL }, needs: { a: 'sucess' } } },
      'tasks.b.needs.a: must be one of always, success, failure, timeout (did you mean "success"?)',
    ],
    [
      'a misspelt parameter',
      { a: { http: { url: URL, metod: 'GET' } } },
      'tasks.a.http.metod: http takes no parameter "metod" (did you mean "method"?)',
    ],
    ['a wrong value', { a: { http: { url: 'nowhere' } } }, 'tasks.a.http.url: must be an http'],
    [
      'a reference to nobody',
      { a: { http: { url: URL, body: { x: ['$(tasks.b.results.x)'] } } } },
      'tasks.a.http.body: $(tasks.b.results.x): no task',
    ],
    [
      'no duration',
      { a: { http: { url: URL }, timeout: '5 minutes' } },
      'tasks.a.timeout: must be a duration',
    ],
    [
      'too long a time',
      { a: { http: { url: URL }, timeout: '2d' } },
      'tasks.a.timeout: must be a number from 1',
    ],
    [
      'milliseconds of the long form',
      { a: { http: { url: URL }, retry: { attemptsMax: 2, delayMs: 5 } } },
      'tasks.a.retry.delayMs: is not a known member (did you mean "delay"?)',
    ],
    [
      'delays that are none',
      { a: { http: { url: URL }, retry: { attemptsMax: 2, delays: ['1s', 5] } } },
      'tasks.a.retry.delays[1]: must be a duration of at least 1 ms',
    ],
    [
      'a retry without attempts',
      { a: { http: { url: URL }, retry: {} } },
      'tasks.a.retry.attemptsMax: is missing',
    ],
    [
      'an explicit end that joins nothing',
      { a: { http: { url: URL } }, over: { end: null } },
      'tasks.a: no path leads from it to end',
    ],
  ])('does not take %s', (_, tasks, problem) => {
    expect(problemsOf({ tasks })).toEqual(
      expect.arrayContaining([expect.stringContaining(problem) as string]),
    );
  });

  it.each<readonly [string, JsonObject, string]>([
    [
      'a misspelt member',
      { tasks: {}, parms: {} },
      'parms: is not a known member (did you mean "params"?)',
    ],
    [
      'the timeout of the long form',
      { tasks: {}, timeoutMs: 5 },
      'timeoutMs: is not a known member (did you mean "timeout"?)',
    ],
    ['parameters in a list', { tasks: {}, params: [{ name: 'a' }] }, 'params: must be an object'],
    [
      'a parameter that is a value',
      { tasks: {}, params: { a: 5 } },
      'params.a: must be an object: { default',
    ],
    [
      'a parameter with another name',
      { tasks: {}, params: { a: { name: 'b' } } },
      'params.a: must be an object',
    ],
  ])('does not take %s', (_, definition, problem) => {
    expect(problemsOf(definition)).toEqual([expect.stringContaining(problem) as string]);
  });

  it('says everything that is wrong at once', () => {
    const tasks = { a: { htpp: {} }, b: { http: {}, needs: 'c', timeout: 'x' } };

    expect(problemsOf({ tasks, paramz: 1 }).map((problem) => problem.split(':')[0])).toEqual([
      'paramz',
      'tasks.a.htpp',
      'tasks.b.timeout',
      'tasks.b.needs',
      'tasks.b',
      'tasks.b.http',
    ]);
  });
});
