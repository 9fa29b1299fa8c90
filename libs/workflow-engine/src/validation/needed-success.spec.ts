import { type JsonObject, type JsonValue } from '@app/json';
import { validateForm } from '../definition-forms/validate-forms.js';
import { compile } from '../plan/compile.js';
import { aScope } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { randomDefinition } from '../testing/random-definition.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { simulate } from '../testing/simulate.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { NeededSuccess } from './needed-success.js';

const FAILING = { crash: 0, drop: 0, duplicate: 0, failure: 0.3, cancel: 0, noSlot: 0 };
const BEGUN: ReadonlySet<string> = new Set(['succeeded', 'failed', 'timedout']);

const URL = 'https://a.example/';
const BODY = '$(tasks.order.results.body)';
const refers = { http: { url: URL, body: BODY } };
const other = { http: { url: URL } };

/** Problems of a workflow whose task `order` keeps `total` of an answer in the place of its body. */
function problemsOf(
  tasks: JsonObject,
  results: JsonObject = { total: '$.total' },
): readonly string[] {
  const order = { http: { url: URL, results } };
  const validation = validateForm({ tasks: { order, ...tasks } }, fakePatterns, TEST_TASKS);
  return validation.kind === 'valid' ? [] : validation.problems.map(({ detail }) => detail);
}

describe('the body of a task that keeps results in its place', () => {
  it('is refused behind its success, with what there is', () => {
    expect(problemsOf({ a: { ...refers, needs: 'order' } })).toEqual([
      `${BODY}: task "order" has only the results statusCode, headers, total`,
    ]);
  });

  it('is refused with the nearest name', () => {
    const tasks = { a: { ...refers, needs: 'order' } };
    expect(problemsOf(tasks, { bodys: '$.total' })).toEqual([
      expect.stringContaining('(did you mean "bodys"?)'),
    ]);
  });

  it.each<[where: string, tasks: JsonObject]>([
    [
      'behind a task that needs it',
      { b: { ...other, needs: 'order' }, a: { ...refers, needs: 'b' } },
    ],
    [
      'behind a task that failed behind it',
      { b: { ...other, needs: 'order' }, a: { ...refers, needs: { b: 'failure' } } },
    ],
    [
      'behind two tasks of which one needs it',
      {
        b: { ...other, needs: 'order' },
        c: other,
        a: { ...refers, needs: { b: 'success', c: 'always' } },
      },
    ],
    [
      'behind two tasks that both need it',
      {
        b: { ...other, needs: 'order' },
        c: { ...other, needs: 'order' },
        a: { ...refers, needs: { b: 'always', c: 'always' } },
      },
    ],
  ])('is refused %s', (_where, tasks) => {
    expect(problemsOf(tasks)).toEqual([expect.stringContaining('has only the results')]);
  });

  it.each<[where: string, tasks: JsonObject]>([
    ['behind its failure', { a: { ...refers, needs: { order: 'failure' } } }],
    ['behind its end, whatever that was', { a: { ...refers, needs: { order: 'always' } } }],
    [
      'behind a task that it may have skipped, beside another one',
      {
        b: { ...other, needs: 'order' },
        c: { ...other, needs: { order: 'always' } },
        a: { ...refers, needs: { b: 'always', c: 'always' } },
      },
    ],
  ])('may be there %s', (_where, tasks) => {
    expect(problemsOf(tasks)).toEqual([]);
  });

  it('may be there at the end of the run, whatever happened', () => {
    const order = { http: { url: URL, results: { total: '$.total' } } };
    const validation = validateForm(
      { tasks: { order }, finally: { a: refers } },
      fakePatterns,
      TEST_TASKS,
    );
    expect(validation.kind).toBe('valid');
  });

  it('is found in a workflow of any shape in linear time', () => {
    const layers: Record<string, JsonValue> = {};
    let before = ['order'];
    for (let layer = 0; layer < 30; layer += 1) {
      const names = Array.from({ length: 10 }, (_, at) => `t${layer}-${at}`);
      for (const name of names) layers[name] = { ...other, needs: before };
      before = names;
    }
    expect(problemsOf({ ...layers, a: { ...refers, needs: before } })).toEqual([
      expect.stringContaining('has only the results'),
    ]);
  });
});

describe(NeededSuccess, () => {
  it('is right about every task that ran, in random runs', () => {
    let needed = 0;
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = new SeededRandom(seed);
      const definition = randomDefinition(random, 12);
      const plan = compile(definition, fakePatterns, TEST_TASKS);
      const { final: state } = simulate(plan, aScope({ choice: 'a' }), random, FAILING);
      const successes = new NeededSuccess(new Map(definition.tasks.map((one) => [one.name, one])));
      const ran = plan.tasks.filter(({ name }) => BEGUN.has(state.tasks[name]?.status ?? ''));
      for (const { name: by } of ran) {
        for (const { name: success } of plan.tasks) {
          if (by === 'end' || !successes.isNeeded(success, by)) continue;
          needed += 1;
          expect([seed, by, success, state.tasks[success]?.status]).toEqual([
            ...[seed, by, success, 'succeeded'],
          ]);
        }
      }
    }
    expect(needed).toBeGreaterThan(100);
  });
});
