import { jsonObjectOf, type JsonValue, membersIn, parseJson, toJsonText } from '@app/json';
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

function throughText(value: JsonValue): JsonValue {
  return parseJson(toJsonText(value));
}

/** The tasks by name, in the order of their names. */
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

  it('has the types and constraints of parameters', () => {
    const count = { type: 'integer', min: 0, max: 9, default: 1 };
    const currency = { enum: ['EUR', 'USD'] };
    const definition = valid({
      params: { count, currency },
      tasks: { call: { http: { url: URL } } },
    });

    expect(definition.params).toEqual([
      { name: 'count', ...count },
      { name: 'currency', ...currency },
    ]);
    expect(shortForm(definition, TYPES).params).toEqual({ count, currency });
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

  it.each([
    [{ delay: '10m' }, { delayMs: 600_000, delayMsMax: 600_000 }],
    [{ delay: '5s' }, { delayMs: 5_000, delayMsMax: 60_000 }],
    [
      { delay: '10m', delayMax: '1m' },
      { delayMs: 600_000, delayMsMax: 60_000 },
    ],
  ])('cuts no delay of a retry short unless told so (%j)', (delays, meant) => {
    const retry = { attemptsMax: 3, ...delays };
    const definition = valid({ tasks: { call: { http: { url: URL }, retry } } });

    expect(tasksOf(definition)['call']?.retry).toMatchObject(meant);
    expect(shortForm(definition, TYPES).tasks['call']).toMatchObject({ retry });
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
});
