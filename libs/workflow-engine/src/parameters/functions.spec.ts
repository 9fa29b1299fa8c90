import fc from 'fast-check';
import { anyText } from '@app/errors/testing';
import { type JsonObject, type JsonValue, parseJson } from '@app/json';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { aDefinition, aPlan, aScope, aTask, NOW } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { resolutionIn } from '../testing/resolution.js';
import { type ActivityState } from '../state/activity-state.js';
import { BUILT_IN_TASKS } from '../task-types/task-behaviours.js';
import { requirementsOf } from '../requirements.js';
import { validateDefinition } from '../validation/validate-definition.js';
import { FUNCTIONS } from './functions.js';
import { type Resolution } from './resolve.js';

const PARAMS = {
  ...{ name: ' Ada ', list: ['a', 2, { b: [null] }], empty: null, sum: 12, object: { a: 'x"y' } },
  ...{ 'a b': 'spaced', deep: { 'x,y': 'comma' } },
};

const TASKS: ActivityState['tasks'] = {
  gone: { status: 'skipped', endedAt: NOW },
  'my task': {
    status: 'succeeded',
    attempt: 1,
    startedAt: NOW,
    endedAt: NOW,
    results: { a: 1 },
  },
};

function resolutionOf(value: JsonValue, params: JsonObject = PARAMS): Resolution {
  return resolutionIn(value, params, TASKS);
}

function resolved(value: JsonValue, params?: JsonObject): JsonValue | undefined {
  const resolution = resolutionOf(value, params);
  return resolution.kind === 'resolved' ? resolution.params['value'] : resolution.message;
}

function problemsOf(value: string, type = 'set-property'): readonly string[] {
  const params = type === 'http' ? { url: `https://a.example/${value}` } : { output: 'o', value };
  const definition = aDefinition([aTask('task', type, ['start'], params)]);
  const checked = validateDefinition(definition, fakePatterns, BUILT_IN_TASKS);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ detail }) => detail);
}

describe('a function in $(...)', () => {
  it.each<[string, JsonValue]>([
    ["$(default(params.nobody, 'none'))", 'none'],
    ["$(default(params.empty, params.nobody, tasks.gone.results.x, 'last'))", 'last'],
    ['$(default(params.sum, 0))', 12],
    ['$(default(params.nobody, null))', null],
    ['$(default(params.nobody, -1.50))', parseJson('-1.50')],
    ["is '$(default(params.nobody, true))'", "is 'true'"],
    ['$(json(params.object))', '{"a":"x\\"y"}'],
    ['$(json(params.name))', '" Ada "'],
    ['$(base64(params.name))', 'IEFkYSA='],
    ['$(base64("größer"))', 'Z3LDtsOfZXI='],
    ['$(base64(params.object))', 'eyJhIjoieFwieSJ9'],
    ['$(lower(trim(params.name)))', 'ada'],
    ['$(upper("straße"))', 'STRASSE'],
    ['$(join(params.list))', 'a,2,{"b":[null]}'],
    ["$(join( params.list , ', ' ))", 'a, 2, {"b":[null]}'],
    ['$(now())', '2026-01-01T00:00:00.000Z'],
    ['$(lower(params.a b))', 'spaced'],
    ["$(lower(params.deep['x,y']))", 'comma'],
    ['$(json(tasks.my task.results.a))', '1'],
    ['$(params.sum) of $(upper(params.object.a))', '12 of X"Y'],
    ['$$(lower(params.name))', '$(lower(params.name))'],
  ])('%s gives %j', (text, value) => {
    expect(resolved(text)).toEqual(value);
  });

  it('encodes any text as Node.js does in base64', () => {
    fc.assert(
      fc.property(anyText(), (name) => {
        expect(resolved('$(base64(params.name))', { name })).toBe(
          Buffer.from(name, 'utf8').toString('base64'),
        );
      }),
    );
  });

  it('gives a value in which references are not resolved', () => {
    const params = { name: '$(now()) $(params.sum)' };

    expect(resolved('$(trim(params.name))', params)).toBe('$(now()) $(params.sum)');
  });

  it.each([
    ['$(lower(params.nobody))', 'params.nobody has no value'],
    ['$(join(params.sum))', '$(join(params.sum)) needs a list'],
    ['$(default(params.nobody, lower(params.nobody)))', 'params.nobody has no value'],
  ])('fails its task where it has no value: %s', (text, message) => {
    expect(resolved(text)).toContain(message);
  });

  it('is bounded together with all parameters, however calls are nested', () => {
    const big = '"'.repeat(300_000);

    expect(resolved('$(json(json(json(params.big))))', { big })).toContain('exceed');
    expect(resolved('$(base64(params.big)) $(base64(params.big))', { big })).toContain('exceed');
    expect(resolved('$(join(params.list, params.big))', { big, list: [1, 2, 3, 4, 5] })).toContain(
      'exceed',
    );
  });

  it('makes no text of a separator between many items that is longer than a text can be', () => {
    const params = { list: Array.from({ length: 10_000 }, () => 'x'), big: '-'.repeat(900_000) };

    expect(resolved('$(join(params.list, params.big))', params)).toContain('exceed');
    expect(resolved('$(join(params.one, params.big))', { ...params, one: ['x'] })).toBe('x');
  });

  it('gives the time at which the run began in every attempt: now()', () => {
    const call = aTask('call', 'http', ['start'], { url: 'https://a.example/$(now())' });
    const plan = aPlan([call]);
    const scope = aScope();
    const begun = advance(plan, begin(plan, scope, NOW), scope, [], NOW);
    const repeated = advance(plan, begun.state, scope, [{ kind: 'resume' }], NOW + 60_000);

    expect(begun.effects[0]?.params).toMatchObject({
      url: 'https://a.example/2026-01-01T00%3A00%3A00.000Z',
    });
    expect(repeated.effects[0]?.params).toEqual(begun.effects[0]?.params);
  });
});

describe('a definition with a function', () => {
  it.each([
    ['$(lowr(params.x))', 'at character 3: there is no function "lowr" (did you mean "lower"?)'],
    ['a $(frobnicate(params.x))', 'at character 5: there is no function "frobnicate"; there are'],
    ['$(lower(params.x', 'at character 17: expected "," or ")"'],
    ['$(lower(params.x) + 1)', 'at character 19: has no ")" behind it'],
    ['$(lower())', 'at character 3: the function is written as lower(value)'],
    ['$(default(params.x))', 'at character 3: the function is written as default(value, other)'],
    ['$(now(1))', 'at character 3: the function is written as now()'],
    ['$(lower(param.x))', 'at character 9: expected a reference'],
    ["$(default(params.x, 'a' 'b'))", 'at character 25: expected "," or ")"'],
    ['$(lower(tasks.nobody.results.x))', 'no task has the name "nobody"'],
    [`$(${'lower('.repeat(9)}params.x${')'.repeat(9)})`, 'more than 8 functions in each other'],
    ['$(url:lower(params.x))', '"url:" has a meaning only where values are encoded'],
  ])('is refused, with the place: %s', (value, problem) => {
    expect(problemsOf(value)).toEqual([expect.stringContaining(problem)]);
  });

  it('may not have secrets as arguments, whose masks would be lost', () => {
    expect(problemsOf('$(base64(secrets.key))', 'http')).toEqual([
      expect.stringContaining("a function can't have a secret"),
    ]);
    expect(problemsOf("$(default(secrets.key, 'x'))", 'http')).toHaveLength(1);
  });

  it('requires a build that has functions', () => {
    const uses = aDefinition([aTask('t', 'set-property', ['start'], { value: ['$(now())'] })]);
    const none = aDefinition([aTask('t', 'set-property', ['start'], { value: ['$$(now())'] })]);

    expect(requirementsOf(uses)).toEqual(['language:3', 'language:2']);
    expect(requirementsOf(none)).toEqual([]);
  });

  it('may use every function as its usage says', () => {
    for (const { usage } of FUNCTIONS.values()) {
      const args = usage.replaceAll(/\b(?:value|other|list)\b/g, 'params.x');
      expect(problemsOf(`$(${args})`)).toEqual([]);
    }
  });
});
