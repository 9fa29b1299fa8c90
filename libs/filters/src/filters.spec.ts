import { anEvent, anEventWithoutData, jsonData } from '@app/events/testing';
import { type JsonValue, parseJson } from '@app/json';
import { compileFilter } from './compile-filter.js';
import { type EventFilter } from './event-filter.js';

const EVENT = anEvent({
  type: 'com.github.push',
  source: 'https://github.com/our/repo',
  subject: 'refs/heads/main',
  extensions: { amount: 250, vip: true, constructor: 'x' },
  data: jsonData(
    parseJson(
      '{"action":"opened","total":10.50,"id":8202522731445525542,"list":[1,"two",null],' +
        '"items":[{"sku":"a","price":10.50},{"sku":"b","price":2}],"text":"line 1\\nerror here"}',
    ),
  ),
});

function compiled(filter: JsonValue): EventFilter {
  const compilation = compileFilter(filter, 'filter');
  if (compilation.kind === 'ok') return compilation.filter;
  throw new Error(compilation.problems.map(({ path, detail }) => `${path} ${detail}`).join('; '));
}

function problemsOf(filter: JsonValue): readonly string[] {
  const compilation = compileFilter(filter, 'filter');
  return compilation.kind === 'ok'
    ? []
    : compilation.problems.map(({ path, detail }) => `${path ?? ''}: ${detail}`);
}

const condition = (field: string, operation: string, rest: object): JsonValue => ({
  conditions: [{ field, operation, ...rest }],
});

describe('a filter', () => {
  const TRUE = { exact: { type: 'com.github.push' } };
  const FALSE = { exact: { type: 'other' } };

  it.each<readonly [filter: JsonValue, matches: boolean]>([
    [{ exact: { type: 'com.github.push', subject: 'refs/heads/main' } }, true],
    [{ exact: { type: 'com.github.push', subject: 'refs/heads/Main' } }, false],
    [{ exact: { amount: '250', vip: 'true' } }, true],
    [{ exact: { missing: 'x' } }, false],
    [{ exact: { tostring: 'x' } }, false],
    [{ prefix: { type: 'com.github.', subject: 'refs/' } }, true],
    [{ prefix: { type: 'github' } }, false],
    [{ suffix: { source: '/repo' } }, true],
    [{ suffix: { source: '/rep' } }, false],
    [{ all: [TRUE, TRUE] }, true],
    [{ all: [TRUE, FALSE] }, false],
    [{ any: [FALSE, TRUE] }, true],
    [{ any: [FALSE, FALSE] }, false],
    [{ not: TRUE }, false],
    [{ not: { all: [TRUE, { not: TRUE }] } }, true],
    [[TRUE, { not: FALSE }], true],
    [[TRUE, FALSE], false],
    [{ sql: "type LIKE 'com.github.%' AND amount > 200" }, true],
    [{ sql: 'vip' }, true],
    [{ sql: 'amount' }, false],
    [{ sql: 'missing = 1' }, false],
    [{ not: { sql: 'missing = 1' } }, true],
    [{ sql: 'NOT (missing = 1)' }, false],
  ])('%j is %s', (filter, matches) => {
    expect(compiled(filter).matches(EVENT)).toBe(matches);
  });

  it.each<readonly [field: string, operation: string, rest: object, matches: boolean]>([
    ['$.data.action', 'equals', { value: 'opened' }, true],
    ['$.data.action', 'equals', { value: 'open' }, false],
    ['$.type', 'equals', { value: 'com.github.push' }, true],
    ['$.amount', 'equals', { value: 250 }, true],
    ['$.amount', 'equals', { value: '250' }, true],
    ['$.vip', 'equals', { value: 'true' }, true],
    ['$.data.total', 'equals', { value: 10.5 }, true],
    ['$.data.total', 'equals', { value: '10.50' }, true],
    ['$.data.id', 'equals', { value: '8202522731445525542' }, true],
    ['$.data.id', 'equals', { value: '8202522731445525543' }, false],
    ['$.data.list', 'equals', { value: [1, 'two', null] }, true],
    ['$.data.list', 'equals', { value: '1,two,' }, false],
    ['$.data.list[*]', 'equals', { value: null }, true],
    ['$.data.nothing', 'equals', { value: null }, false],
    ['$.data.items[?@.price > 10].sku', 'equals', { value: 'a' }, true],
    ['$.data.items[?@.price > 11].sku', 'equals', { value: 'a' }, false],
    ['$..sku', 'equals', { value: 'b' }, true],
    ["$['data']['constructor']", 'equals', { value: 'x' }, false],
    ['$.constructor', 'equals', { value: 'x' }, true],
    ['$.data.toString', 'matches', { value: '.*' }, false],
    ['$.data.action', 'in', { values: ['closed', 'opened'] }, true],
    ['$.data.action', 'in', { values: ['closed'] }, false],
    ['$.data.text', 'matches', { value: '.*error.*' }, true],
    ['$.data.text', 'matches', { value: 'error' }, false],
    ['$.data.action', 'matches', { value: 'opened|closed' }, true],
    ['$.data.items', 'matches', { value: '.*' }, false],
  ])('a condition on %s %s %j is %s', (field, operation, rest, matches) => {
    expect(compiled(condition(field, operation, rest)).matches(EVENT)).toBe(matches);
  });

  it('finds text data as a string, and no data that is bytes', () => {
    const filter = compiled(condition('$.data', 'matches', { value: 'hello.*' }));

    expect(filter.matches(anEvent({ data: { kind: 'text', text: 'hello all' } }))).toBe(true);
    expect(filter.matches(anEvent({ data: { kind: 'binary', bytes: Buffer.from('hello') } }))).toBe(
      false,
    );
    expect(filter.matches(anEventWithoutData())).toBe(false);
  });

  it('explains each clause: the value it wants, the value it saw, why it does not hold', () => {
    const long = 'x'.repeat(1_000);
    const filter = compiled({
      any: [
        { exact: { type: 'other', missing: 'x' } },
        { not: { prefix: { subject: 'refs/' } } },
        { sql: 'amount / 0 = 1' },
        { conditions: [{ field: '$.data.items', operation: 'equals', value: 1 }] },
        { conditions: [{ field: '$.data.text', operation: 'equals', value: 1 }] },
      ],
    });
    const { matches, clauses } = filter.explain({
      ...EVENT,
      data: jsonData({ text: long, items: [] }),
    });

    expect(matches).toBe(false);
    expect(clauses).toEqual([
      {
        path: 'filter.any[0].exact.type',
        wants: 'other',
        ofData: false,
        holds: false,
        saw: 'com.github.push',
      },
      {
        path: 'filter.any[0].exact.missing',
        wants: 'x',
        ofData: false,
        holds: false,
        reason: 'the event has no attribute missing',
      },
      {
        path: 'filter.any[1].not.prefix.subject',
        wants: 'refs/',
        ofData: false,
        holds: true,
        saw: 'refs/heads/main',
      },
      {
        path: 'filter.any[2].sql',
        wants: 'amount / 0 = 1',
        ofData: false,
        holds: false,
        reason: 'A division by zero (at character 8)',
      },
      expect.objectContaining({ ofData: true, holds: false, saw: '(a list)' }),
      expect.objectContaining({ ofData: true, holds: false, saw: `${'x'.repeat(256)}…` }),
    ]);
  });

  it.each<readonly [filter: JsonValue, types: readonly string[] | undefined]>([
    [{ exact: { type: 'a', subject: 's' } }, ['a']],
    [{ all: [{ sql: 'true' }, { exact: { type: 'a' } }] }, ['a']],
    [{ any: [{ exact: { type: 'a' } }, { all: [{ exact: { type: 'b' } }] }] }, ['a', 'b']],
    [{ any: [{ exact: { type: 'a' } }, { sql: 'true' }] }, undefined],
    [{ not: { exact: { type: 'a' } } }, undefined],
    [{ prefix: { type: 'a' } }, undefined],
  ])('%j needs one of the types %j', (filter, types) => {
    const { needs } = compiled(filter);

    expect(needs.types && [...needs.types]).toEqual(types);
  });
});

describe('a filter that cannot be saved', () => {
  it.each<readonly [filter: JsonValue, problem: string]>([
    [
      'type',
      'filter: must be an object: one of exact, prefix, suffix, all, any, not, sql, conditions',
    ],
    [{}, 'filter: must be an object: one of exact, prefix, suffix, all, any, not, sql, conditions'],
    [[], 'filter: must be a list with at least one filter'],
    [
      { exakt: {} },
      'filter.exakt: is no dialect; there are exact, prefix, suffix, all, any, not, sql, conditions (did you mean "exact"?)',
    ],
    [{ exact: {}, sql: 'true' }, 'filter: must have one dialect; several go into "all" or "any"'],
    [{ exact: {} }, 'filter.exact: must be an object: texts by names of attributes'],
    [{ exact: { type: '' } }, 'filter.exact.type: must be a text, not empty'],
    [{ exact: { type: 1 } }, 'filter.exact.type: must be a text, not empty'],
    [
      { prefix: { type: 'x'.repeat(1_025) } },
      'filter.prefix.type: must have 1024 characters at most',
    ],
    [
      { suffix: { 'data.x': 'y' } },
      'filter.suffix.data.x: is no name of an attribute, which has 1 to 64 of a-z and 0-9; data is seen by "conditions"',
    ],
    [{ all: [] }, 'filter.all: must be a list with at least one filter'],
    [
      { any: [{ sql: 'a =' }] },
      'filter.any[0].sql: Expected a value, but found the end of the expression (at character 4)',
    ],
    [{ sql: 'nope(1)' }, 'filter.sql: There is no function NOPE (at character 1)'],
    [{ sql: 'amount + 1' }, 'filter.sql: is always integer, and so never true'],
    [{ sql: '' }, 'filter.sql: must be an expression in CESQL'],
    [
      condition('data', 'equals', { value: 1 }),
      "filter.conditions[0].field: must be a JSONPath (RFC 9535): expected '$', found 'd' (at character 1)",
    ],
    [
      condition('$.a[', 'equals', { value: 1 }),
      'filter.conditions[0].field: must be a JSONPath (RFC 9535): unclosed bracketed selection (at character 5)',
    ],
    [
      condition('$', 'is not', { value: 1 }),
      'filter.conditions[0].operation: must be equals, matches or in',
    ],
    [
      condition('$', 'match', { value: 1 }),
      'filter.conditions[0].operation: must be equals, matches or in (did you mean "matches"?)',
    ],
    [condition('$', 'equals', {}), 'filter.conditions[0].value: must be there'],
    [
      condition('$', 'in', { value: 'x' }),
      'filter.conditions[0].values: must be a list with at least one value',
    ],
    [
      condition('$', 'matches', { value: '(' }),
      "filter.conditions[0].value: must be a pattern in RE2's syntax: error parsing regexp: missing closing ): `(?s)(`",
    ],
    [
      condition('$', 'matches', { value: '((a{1000}){1000}){9}' }),
      'filter.conditions[0].value: is a pattern of too many steps; make its repetitions smaller',
    ],
    [
      condition('$', 'equals', { value: 1, regex: true }),
      'filter.conditions[0].regex: is not a known member',
    ],
  ])('%j: %s', (filter, problem) => {
    expect(problemsOf(filter)).toEqual([problem]);
  });

  it.each([
    ['two descendants', '$..a..b'],
    ['a filter within a filter', '$.a[?@.b[?@.c]]'],
    ['the root in a filter', '$.a[?@.b == $.c]'],
    ['brackets that multiply', '$[*,*][*,*][*,*][*,*][*,*]'],
    ['a pattern that JavaScript would run', "$[?match(@.a, '(a+)+')]"],
    ['a search that JavaScript would run', "$[?!(@.x && search(@.a, 'x'))]"],
  ])('has a path with %s', (_what, field) => {
    expect(problemsOf(condition(field, 'equals', { value: 1 }))).toHaveLength(1);
  });

  it('has all its problems reported', () => {
    expect(problemsOf({ all: [{ exact: { A: '' } }, { sql: '(' }, { not: 7 }] })).toHaveLength(3);
  });

  it('is deeper or has more clauses than it may', () => {
    const deep = (depth: number): JsonValue =>
      depth === 0 ? { sql: 'true' } : { not: deep(depth - 1) };

    expect(problemsOf(deep(16))).toEqual([]);
    expect(problemsOf(deep(17))).toHaveLength(1);
    expect(problemsOf({ all: Array<JsonValue>(100).fill({ sql: 'true' }) })).toEqual([]);
    expect(problemsOf({ all: Array<JsonValue>(150).fill({ sql: 'true' }) })).toHaveLength(1);
  });
});
