import { type JsonObject, type JsonValue } from '@app/json';
import { PROBLEMS_MAX } from '../bounds.js';
import { validateForm } from '../definition-forms/validate-forms.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { ProblemList } from './problem-list.js';

const http = { url: 'https://example.org/' };

/** A task with a url that has this in it, after one of the name `charge` that gives an answer. */
function referring(reference: string): JsonObject {
  const tasks = { charge: { http }, b: { http: { ...http, body: reference }, needs: 'charge' } };
  return { tasks };
}

function ofTask(task: JsonObject): JsonObject {
  return { tasks: { charge: { http }, b: task } };
}

/** Of the long form. */
function long(task: JsonObject, more: JsonObject = {}): JsonObject {
  return { tasks: [{ name: 'start', type: 'start' }, task], ...more };
}

function problemsOf(definition: JsonValue): string {
  const validation = validateForm(definition, fakePatterns, TEST_TASKS);
  const problems = validation.kind === 'valid' ? [] : validation.problems;
  return problems.map(({ path, detail }) => `${path ?? ''}: ${detail}`).join('\n');
}

describe('what is misspelt is refused with the nearest name', () => {
  it.each<readonly [string, JsonObject, string, string]>([
    ['a member', { tasks: {}, parms: {} }, 'parms', 'params'],
    [
      'a member of the long form',
      long({ name: 'a', type: 'end' }, { prams: [] }),
      'prams',
      'params',
    ],
    ['a task type', ofTask({ htpp: http }), 'tasks.b.htpp', 'http'],
    ['a task type of the long form', long({ name: 'a', type: 'htpp' }), 'tasks[1].type', 'http'],
    ['a member of a task', ofTask({ http, need: 'charge' }), 'tasks.b.need', 'needs'],
    [
      'a member of a task of the long form',
      long({ name: 'a', tpye: 'end' }),
      'tasks[1].tpye',
      'type',
    ],
    ['a parameter', ofTask({ http: { ...http, metod: 'GET' } }), 'tasks.b.http.metod', 'method'],
    ['a word', ofTask({ http: { ...http, method: 'PSOT' } }), 'tasks.b.http.method', 'POST'],
    [
      'a mode',
      ofTask({ event: { ...http, type: 'x', mode: 'structred' } }),
      'tasks.b.event.mode',
      'structured',
    ],
    ['a need', ofTask({ http, needs: 'chrage' }), 'tasks.b.needs', 'charge'],
    ['one of several needs', ofTask({ http, needs: ['chargee'] }), 'tasks.b.needs[0]', 'charge'],
    [
      'a need of the long form',
      long({ name: 'a', type: 'end', dependencies: [{ taskRef: 'strat' }] }),
      'tasks[1].dependencies[0].taskRef',
      'start',
    ],
    [
      'a condition',
      ofTask({ http, needs: { charge: 'sucess' } }),
      'tasks.b.needs.charge',
      'success',
    ],
    [
      'a member of a retry',
      ofTask({ http, retry: { attemptMax: 2 } }),
      'tasks.b.retry',
      'attemptsMax',
    ],
    [
      'a back-off',
      ofTask({ http, retry: { attemptsMax: 2, backoff: 'exponental' } }),
      'tasks.b.retry.backoff',
      'exponential',
    ],
    [
      'what is said of a parameter',
      { tasks: {}, params: { a: { defualt: 1 } } },
      'params.a',
      'default',
    ],
    [
      'an end to tell of',
      { tasks: {}, notify: [{ ...http, on: ['suceeded'] }] },
      'notify[0].on',
      'succeeded',
    ],
    [
      'a way to give way',
      { tasks: {}, concurrency: { limit: 1, whenFull: 'cancel-nwe' } },
      'concurrency',
      'cancel-new',
    ],
    ['the beginning of a reference', referring('$(parms.a)'), 'tasks.b.http.body', '$(params.a)'],
    [
      'a task in a reference',
      referring('$(tasks.chrage.results.body)'),
      'tasks.b.http.body',
      'charge',
    ],
    ['a result', referring('$(tasks.charge.results.boddy)'), 'tasks.b.http.body', 'body'],
    ['a secret', referring('$(secret.a)'), 'tasks.b.http.body', '$(secrets.a)'],
    ['a function', referring('$(lowr(params.a))'), 'tasks.b.http.body', 'lower'],
    ['a reference in a function', referring('$(lower(parms.a))'), 'tasks.b.http.body', 'params.a'],
    [
      'the word of a reference to results',
      referring('$(tasks.charge.result.body.x)'),
      'tasks.b.http.body',
      '$(tasks.charge.results.body.x)',
    ],
    [
      'a reference to results without that word',
      referring('$(tasks.charge.body)'),
      'tasks.b.http.body',
      '$(tasks.charge.results.body)',
    ],
    ['a reference to a scope', referring('$(team.a)'), 'tasks.b.http.body', '$(team.params.a)'],
    ...(
      [
        ['$(tasks.charge.results)', '$(tasks.charge.results.NAME)'],
        ['$(tasks.charge.results.)', '$(tasks.charge.results.NAME)'],
        ['$(tasks.charge)', '$(tasks.charge.results.NAME)'],
        ['$(task.charge.results)', '$(tasks.charge.results.NAME)'],
        ['$(params)', '$(params.NAME)'],
        ['$(param.)', '$(params.NAME)'],
        ['$(secrets)', '$(secrets.NAME)'],
        ['$(global.params)', '$(global.params.NAME)'],
        ['$(context)', '$(context.params.NAME)'],
        ['$(lower(tasks.charge.results))', 'tasks.charge.results.NAME'],
        ['$( params.a )', '$(params.a)'],
      ] as const
    ).map(
      ([text, meant]) =>
        [`the rest of ${text}`, referring(text), 'tasks.b.http.body', meant] as const,
    ),
  ])('%s', (_what, definition, path, meant) => {
    const problems = problemsOf(definition);

    expect(problems).toContain(path);
    expect(problems).toMatch(/\(did you mean [^)]*/);
    expect(problems.replaceAll('"', '')).toContain(`(did you mean ${meant}?)`);
  });

  it.each([
    ['$(host)'],
    ['$(document).ready()'],
    ['$(test)'],
    ['$(tasks)'],
    ['$(parms.)'],
    [`$(parms.${'x'.repeat(300)})`],
  ])('but nothing is made up for %s', (text) => {
    expect(problemsOf(referring(text))).toContain('is no reference ($(params.x)');
  });

  it('until there are as many problems as are told', () => {
    const problems = new ProblemList();
    let compared = 0;
    const known = {
      *[Symbol.iterator](): Generator<string> {
        compared += 1;
        yield 'charge';
      },
    };
    for (let at = 0; at < 2 * PROBLEMS_MAX; at += 1)
      problems.addUnknown('a', 'no', 'chrage', known);

    expect(compared).toBe(PROBLEMS_MAX);
    expect(problems.found).toHaveLength(PROBLEMS_MAX);
  });
});

describe('what looks like a reference and would not be replaced is refused', () => {
  it.each(['$(params.a )', '$(tasks.charge.results.body )', '$(params.a .b)', 'at $(params.a\n)'])(
    'with white space in it: %j',
    (text) => {
      expect(problemsOf(referring(text))).toContain('has white space around it; remove it');
    },
  );

  it.each(["$(params['a '])", '$(params.a b)'])('but not white space that is meant: %j', (text) => {
    expect(problemsOf(referring(text))).toBe('');
  });

  it.each([
    '$(params.b)',
    'to $(global.params.b)',
    '$(tasks.charge.results)',
    '$(secrets.token)',
    '$(now())',
    { at: ["$(default(params.b, '1'))"] },
  ])('in a default: %j', (value) => {
    const problems = problemsOf({ tasks: { a: { http } }, params: { a: { default: value } } });

    expect(problems).toContain('params.a.default: is used as it is written');
    expect(problems).toContain('$(default(params.NAME, params.OTHER))');
  });

  it.each(['$(date +%s)', '$$(params.b)', '$(params)', 'params.b', { '(': '$' }])(
    'but not the default %j',
    (value) => {
      const problems = problemsOf({ tasks: { a: { http } }, params: { a: { default: value } } });

      expect(problems).toBe('');
    },
  );
});
