import { jest } from '@jest/globals';
import { type JsonObject, type JsonValue, parseJson, toJsonText } from '@app/json';
import { compile } from '../plan/compile.js';
import { requirementsOf } from '../requirements.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { paramTemplates } from '../task-types/param-templates.js';
import { aDefinition, anHttpTask, aScope, aTask, NOW } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { resolutionIn } from '../testing/resolution.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { validateDefinition } from '../validation/validate-definition.js';
import { resolveParams, type Resolution } from './resolve.js';
import { referencesIn } from './template.js';

const ORDER = parseJson(
  `{"items":[{"name":"a","price":5.00,"tags":["x"]},{"name":"b","price":12345678901234567890},{"price":20,"*":"star"}],
  "odd )]'":[1],"deep":{"name":"c"}}`,
);

function resolutionOf(value: JsonValue, params: JsonObject = { order: ORDER }): Resolution {
  return resolutionIn(value, params, {
    t: { status: 'succeeded', attempt: 1, startedAt: NOW, endedAt: NOW, results: { r: ORDER } },
  });
}

function resolved(value: JsonValue): string {
  const resolution = resolutionOf(value);
  return resolution.kind === 'resolved'
    ? toJsonText(resolution.params['value'])
    : resolution.message;
}

function problemOf(value: string): string {
  const problems: string[] = [];
  paramTemplates([{ name: 'value', value }], 'params', (_, detail) => problems.push(detail));
  return problems.join();
}

describe('a JSONPath behind a reference', () => {
  it.each([
    ['$(params.order.items[*].name)', '["a","b"]'],
    ['$(params.order.items.*.price)', '[5.00,12345678901234567890,20]'],
    ['$(params.order..name)', '["a","b","c"]'],
    ['$(params.order.items[-1].price)', '20'],
    ['$(params.order.items[1:].price)', '[12345678901234567890,20]'],
    ['$(params.order.items[?@.price > 10].name)', '["b"]'],
    ["$(params.order.items[?@.name == 'a)'].name)", '[]'],
    ['$(params.order.items[?(length(@.tags) == 1)].name)', '["a"]'],
    ["$(params.order.items[0]['name','price'])", '["a",5.00]'],
    [String.raw`$(params.order['odd )]\''][-1])`, '1'],
    ['$(tasks.t.results.r.items[*].price)', '[5.00,12345678901234567890,20]'],
    ['first: $(params.order.items[-3].name)!', '"first: a!"'],
    ['names: $(params.order..name)', '"names: [\\"a\\",\\"b\\",\\"c\\"]"'],
    ["$(join(params.order.items[*].name, ' + '))", '"a + b"'],
    ["$(default(params.order.items[-9], 'none'))", '"none"'],
    ['$(url:params.order.items[-3].name)', '"a"'],
    ["$(params.order.items[2]['*'])", '"star"'],
  ])('%s is %s', (value, expected) => {
    expect(resolved(value)).toContain(expected);
  });

  it('has no value where a path to one value leads to nothing', () => {
    expect(resolutionOf('$(params.order.items[-9])')).toMatchObject({
      kind: 'unresolved',
      code: 'PARAM_UNRESOLVED',
    });
  });

  it('is refused when it is no JSONPath, with the reason', () => {
    expect(problemOf('$(params.order.items[?])')).toMatch(/"\$\[\?\]" is no JSONPath: /);
    expect(problemOf('$(params.order..items..name)')).toContain('a path has one ".." at most');
    expect(problemOf('$(params.order.items[*)')).toContain('its JSONPath does not end');
    expect(problemOf('$(join(params.order[?]))')).toContain('is no JSONPath');
  });

  it('is refused behind a secret', () => {
    expect(problemOf('$(secrets.token[*])')).toContain('is no reference');
  });

  it('visits a bounded number of values', () => {
    const items = Array.from({ length: 60_000 }, () => 1);

    expect(resolutionOf('$(params.items[?@ > 2])', { items })).toMatchObject({
      kind: 'unresolved',
      code: 'PARAM_TOO_LARGE',
      message: expect.stringContaining('100000 steps') as string,
    });
  });

  it.each([
    [1, 100_000],
    [4, 100_000],
    [100, 4_000],
  ])('of which a workflow has %d may take %d steps', (count, stepsMax) => {
    const paths = (items: readonly JsonValue[]): unknown => {
      const value = Array.from({ length: count }, () => '$(params.items[?@ > 2])');
      const keep = aTask('a', 'set-property', ['start'], { output: 'a', value });
      const plan = compile(aDefinition([keep]), fakePatterns, TEST_TASKS);
      const scope = aScope({ items });
      return advance(plan, begin(plan, scope, NOW), scope, [], NOW).state.tasks['a'];
    };
    const values = (length: number): readonly JsonValue[] => Array.from({ length }, () => 1);

    expect(paths(values(stepsMax / 4))).toMatchObject({ status: 'succeeded' });
    expect(paths(values(stepsMax))).toMatchObject({
      status: 'failed',
      failure: {
        code: 'PARAM_TOO_LARGE',
        message: expect.stringContaining(`${stepsMax} steps`) as string,
      },
    });
  });

  it('is followed once by a function whose arguments need no value', () => {
    const value = "$(default(params.order..name, 'none'))";
    const { ordered } = paramTemplates([{ name: 'value', value }], 'params', () => undefined);
    const [path] = ordered.flatMap(({ template }) => referencesIn(template)).map((it) => it.tail);
    if (path === undefined) throw new Error('it has a path');
    const follow = jest.spyOn(path, 'follow');

    resolveParams(ordered, {
      scope: aScope({}),
      given: { order: ORDER },
      secretParams: new Set(),
      defaults: {},
      pathStepsMax: 1_000,
      tasks: {},
    });

    expect(follow).toHaveBeenCalledTimes(1);
  });

  it('is read in linear time where none ends', () => {
    expect(problemOf('$(params.a[*'.repeat(5_000))).toContain('does not end');
  });

  it('counts for a workflow', () => {
    const value = Array.from({ length: 60 }, (_, at) => `$(params.order[${-1 - at}])`);
    const task = (name: string): ReturnType<typeof aTask> =>
      aTask(name, 'set-property', ['start'], { output: name, value });

    expect(validateDefinition(aDefinition([task('a')]), fakePatterns, TEST_TASKS).kind).toBe(
      'valid',
    );
    expect(
      validateDefinition(aDefinition([task('a'), task('b')], ['a', 'b']), fakePatterns, TEST_TASKS),
    ).toEqual({
      kind: 'invalid',
      problems: [
        { path: 'tasks', detail: 'have 120 references with a JSONPath, and may have 100' },
      ],
    });
  });

  it('needs a build that knows it', () => {
    const withPath = aTask('a', 'set-property', ['start'], {
      output: 'a',
      value: '$(params.a[*])',
    });
    const plain = aTask('a', 'set-property', ['start'], { output: 'a', value: '$(params.a[0])' });
    const { params = [], ...call } = anHttpTask('call');
    const mapped = { ...call, params: [...params, { name: 'results', value: { a: '$.a' } }] };

    expect(requirementsOf(aDefinition([withPath]))).toContain('language:4');
    expect(requirementsOf(aDefinition([mapped]))).toContain('language:4');
    expect(requirementsOf(aDefinition([plain]))).toEqual([]);
    const withKey = { ...aDefinition([plain]), concurrency: { key: '$(params.a[-1])' } };
    expect(requirementsOf(withKey)).toContain('language:4');
  });
});
