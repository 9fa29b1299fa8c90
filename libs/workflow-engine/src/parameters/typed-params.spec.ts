import { jest } from '@jest/globals';
import {
  ExactNumber,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  toJsonText,
} from '@app/json';
import { type ParamSpec, type WorkflowDefinition } from '../definition/definition.js';
import { compile } from '../plan/compile.js';
import { requirementsOf } from '../requirements.js';
import { advance } from '../run/advance.js';
import { begin } from '../run/begin.js';
import { type ActivityState } from '../state/activity-state.js';
import { aDefinition, aScope, aTask, NOW, succeeded } from '../testing/builders.js';
import { fakePatterns } from '../testing/fake-patterns.js';
import { TEST_TASKS } from '../testing/waiting-tasks.js';
import { validateDefinition } from '../validation/validate-definition.js';

const value = { name: 'value' };

function definitionOf(...params: readonly ParamSpec[]): WorkflowDefinition {
  const keep = aTask('keep', 'set-property', ['start'], {
    output: 'kept',
    value: '$(params.value)',
  });
  return aDefinition([keep], ['keep'], { params });
}

function runOf(spec: Omit<ParamSpec, 'name'>, event: JsonObject): ActivityState {
  const plan = compile(definitionOf({ ...value, ...spec }), fakePatterns, TEST_TASKS);
  const scope = aScope(event);
  return advance(plan, begin(plan, scope, NOW), scope, [{ kind: 'time' }], NOW).state;
}

/** What `$(params.value)` is, as JSON, for an event with `value` as JSON; or why the run failed. */
function seen(spec: Omit<ParamSpec, 'name'>, json: string): string | undefined {
  const event = parseJson(`{"value":${json}}`);
  const { results, failure } = runOf(spec, isJsonObject(event) ? event : {});
  return failure?.message ?? toJsonText(results['kept']);
}

function problemsOf(...params: readonly object[]): readonly unknown[] {
  const definition = { ...definitionOf(), params };
  const validation = validateDefinition(definition, fakePatterns, TEST_TASKS);
  return validation.kind === 'valid' ? [] : validation.problems;
}

describe('a typed parameter', () => {
  it.each<[type: ParamSpec['type'], json: string, seenAs: string]>([
    ['string', '"a"', '"a"'],
    ['string', '12345678901234567890', '"12345678901234567890"'],
    ['string', 'true', '"true"'],
    ['number', '"4"', '4'],
    ['number', '"12345678901234567890.10"', '12345678901234567890.10'],
    ['number', '1e400', '1e400'],
    ['integer', '"9007199254740993"', '9007199254740993'],
    ['integer', '1.0', '1.0'],
    ['integer', '15e1', '15e1'],
    ['boolean', '"false"', 'false'],
    ['object', '{"a":[1.0]}', '{"a":[1.0]}'],
    ['object', '"{\\"a\\":1.0}"', '{"a":1.0}'],
    ['array', '"[1,2]"', '[1,2]'],
    [undefined, '"4"', '"4"'],
    [undefined, 'null', 'null'],
  ])('of type %s is converted from %s without loss', (type, json, seenAs) => {
    expect(seen(type === undefined ? {} : { type }, json)).toBe(seenAs);
  });

  it.each<[spec: Omit<ParamSpec, 'name'>, json: string, problem: string]>([
    [{ type: 'string' }, '{}', 'must be a text'],
    [{ type: 'number' }, '"four"', 'must be a number'],
    [{ type: 'number' }, '"0x10"', 'must be a number'],
    [{ type: 'number' }, '" 4"', 'must be a number'],
    [{ type: 'integer' }, '1.5', 'must be a whole number'],
    [{ type: 'integer' }, '1e-1', 'must be a whole number'],
    [{ type: 'boolean' }, '1', 'must be true or false'],
    [{ type: 'object' }, '[]', 'must be an object'],
    [{ type: 'object' }, '"{"', 'must be an object'],
    [{ type: 'array' }, '"{}"', 'must be an array'],
    [{ enum: ['EUR', 1] }, '"CHF"', 'must be one of "EUR", 1'],
    [{ type: 'number', enum: [1, 2] }, '"3"', 'must be one of 1, 2'],
    [{ type: 'string', pattern: 'A-.*' }, '"xA-1"', 'must match A-.*'],
    [
      { type: 'number', max: 9007199254740992 },
      '9007199254740993',
      'must be at most 9007199254740992',
    ],
    [{ type: 'number', min: 0 }, '-1e-400', 'must be at least 0'],
    [{ type: 'string', max: 2 }, '"abc"', 'must have at most 2 characters'],
    [{ type: 'array', min: 1 }, '[]', 'must have at least 1 items'],
  ])('with %j fails the run at %s', (spec, json, problem) => {
    expect(seen(spec, json)).toBe(
      `The event brings values that the workflow does not allow: "value" ${problem}`,
    );
  });

  it('reports every invalid value, and runs no task', () => {
    const definition = definitionOf({ ...value, type: 'number' }, { name: 'b', enum: [1] });
    const plan = compile(definition, fakePatterns, TEST_TASKS);

    const state = begin(plan, aScope({ value: 'x', b: 2 }), NOW);

    expect(state).toMatchObject({
      status: 'failed',
      failure: {
        code: 'PARAM_INVALID',
        message: expect.stringMatching(/"value" must be a number; "b" must be one of 1$/) as string,
      },
      tasks: { keep: { status: 'skipped' } },
    });
  });

  it('names the next invalid value behind one with a long pattern', () => {
    const definition = definitionOf(
      { ...value, type: 'string', pattern: 'a'.repeat(2_000) },
      { name: 'b', type: 'number' },
    );
    const plan = compile(definition, fakePatterns, TEST_TASKS);

    expect(begin(plan, aScope({ value: 'x', b: 'x' }), NOW).failure?.message).toMatch(
      /"value" must match a{200} …; "b" must be a number$/,
    );
  });

  it('takes an empty text for no value, unless it is a string', () => {
    expect(seen({ type: 'number', default: 7 }, '""')).toBe('7');
    expect(seen({ type: 'boolean', required: true }, '""')).toContain('has no value for: value');
    expect(seen({ type: 'string', default: 'x' }, '""')).toBe('""');
  });

  it('takes null for no value', () => {
    expect(seen({ type: 'number', default: '7' }, 'null')).toBe('7');
    expect(seen({ type: 'number', required: true }, 'null')).toContain('has no value for: value');
  });

  it('is compared with bounds as they are written', () => {
    const max = ExactNumber.read('9007199254740993');

    const definition = definitionOf({ ...value, type: 'integer', min: max, max });

    const validation = validateDefinition(definition, fakePatterns, TEST_TASKS);
    expect(validation).toEqual({ kind: 'valid', definition });
    expect(seen({ type: 'integer', max }, '9007199254740993')).toBe('9007199254740993');
    expect(seen({ type: 'integer', max }, '9007199254740994')).toMatch(/at most 9007199254740993$/);
  });

  it('allows what its enumeration has, in the spelling of the event', () => {
    expect(seen({ type: 'number', enum: [1, 2] }, '"1.0"')).toBe('1.0');
  });

  it('does not match a text of any length', () => {
    const spec = { type: 'string', pattern: `.*${'b'.repeat(30)}` } as const;

    expect(seen(spec, toJsonText('a'.repeat(100_000)))).toContain('is too long to be matched');
  });

  it('does not match many texts that are too long together', () => {
    const spec = { type: 'string', pattern: `.*${'b'.repeat(97)}` } as const;
    const names = Array.from({ length: 5 }, (_, at) => `p${at}`);
    const definition = definitionOf(...names.map((name) => ({ name, ...spec })));
    const event = Object.fromEntries(names.map((name) => [name, 'b'.repeat(5_000)]));
    const plan = compile(definition, fakePatterns, TEST_TASKS);

    expect(begin(plan, aScope(event), NOW).failure?.message).toMatch(
      /allow: "p4" is too long to be matched with its pattern: at most 0 characters \(/,
    );
  });

  it('leaves deeply nested and very large texts as they are', () => {
    const deep = toJsonText('['.repeat(100_000) + ']'.repeat(100_000));

    expect(seen({ type: 'array' }, deep)).toContain('must be an array');
  });

  it('fails the run if this release cannot compile its pattern', () => {
    expect(seen({ type: 'string', pattern: '(' }, '"a"')).toContain(
      `"value" has a pattern that this release can't compile: (`,
    );
  });

  it('is converted once for a run, however many steps it takes', () => {
    const calls = Array.from({ length: 20 }, (_, at) =>
      aTask(`call-${at}`, 'http', [at === 0 ? 'start' : `call-${at - 1}`], {
        ...{ url: 'https://a.example/', body: '$(params.value)' },
      }),
    );
    const params = [{ ...value, type: 'object' } as const];
    const plan = compile(aDefinition(calls, ['call-19'], { params }), fakePatterns, TEST_TASKS);
    let reads = 0;
    const event = Object.defineProperty({}, 'value', {
      enumerable: true,
      get: () => {
        reads += 1;
        return '{"a":1}';
      },
    }) as JsonObject;
    const scope = aScope(event);
    let { state, effects } = advance(plan, begin(plan, scope, NOW), scope, [], NOW);
    for (const { name } of calls) {
      expect(effects).toMatchObject([{ task: name, params: { body: { a: 1 } } }]);
      ({ state, effects } = advance(plan, state, scope, [succeeded(name)], NOW));
    }

    expect(state.status).toBe('succeeded');
    expect(reads).toBe(1);
  });

  it('is reached by the key of concurrency in its type', () => {
    const definition = {
      ...definitionOf({ ...value, type: 'integer' }),
      concurrency: { key: '$(json(params.value))' },
    };
    const plan = compile(definition, fakePatterns, TEST_TASKS);

    expect(begin(plan, aScope({ value: '4' }), NOW).slot).toMatchObject({ key: '4' });
  });

  it('needs a build that knows types', () => {
    expect(requirementsOf(definitionOf({ ...value, enum: [1] }))).toContain('language:4');
    expect(requirementsOf(definitionOf({ ...value, required: true }))).toEqual([]);
  });
});

describe('the declaration of a typed parameter', () => {
  it('is valid with a default and values of its type', () => {
    expect(
      problemsOf(
        { name: 'a', type: 'string', pattern: 'x.*', min: 1, max: 9, default: 'xyz' },
        { name: 'b', type: 'integer', min: -5, max: 5, enum: [1, '2'], default: '1' },
        { name: 'c', type: 'array', max: 0, default: [] },
        { name: 'd', enum: [null, {}], default: null },
      ),
    ).toEqual([]);
  });

  it('reads the texts of its enumeration in linear time', () => {
    const parse = jest.spyOn(JSON, 'parse');
    const texts = Array.from({ length: 100 }, (_, at) => `[${at}]`);

    expect(problemsOf({ ...value, type: 'array', enum: texts, default: '[7]' })).toEqual([]);
    expect(parse.mock.calls.length).toBeLessThan(300);
    parse.mockRestore();
  });

  it.each<[spec: Record<string, JsonValue>, path: string, detail: string]>([
    [{ type: 'text' }, 'type', 'must be one of string, number'],
    [{ type: 'number', default: 'x' }, 'default', 'must be a number'],
    [{ type: 'number', default: null }, 'default', 'must be a number'],
    [{ type: 'number', enum: [1, 'x'] }, 'enum[1]', 'must be a number'],
    [{ enum: [1], default: 2 }, 'default', 'must be one of 1'],
    [{ enum: [] }, 'enum', 'must be an array of 1 to 100 values'],
    [{ pattern: 'a' }, 'pattern', 'is for type: string'],
    [{ type: 'string', pattern: '(' }, 'pattern', 'parentheses are not supported'],
    [{ min: 1 }, 'min', 'is for type: number, integer, string, array'],
    [{ type: 'boolean', max: 1 }, 'max', 'is for type: number, integer, string, array'],
    [{ type: 'string', min: 0.5 }, 'min', 'must be a whole number'],
    [{ type: 'string', min: -1 }, 'min', 'must be a number from 0'],
    [{ type: 'number', min: 2, max: 1 }, 'min', 'must not be more than max, which is 1'],
  ])('%j is refused at %s', (spec, path, detail) => {
    expect(problemsOf({ ...value, ...spec })).toEqual([
      { path: `params[0].${path}`, detail: expect.stringContaining(detail) as string },
    ]);
  });
});
