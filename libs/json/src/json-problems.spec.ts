import { jsonProblems } from './json-problems.js';
import { type JsonValue } from './json-value.js';

const LIMITS = { nestingMax: 3, membersMax: 5 };

function problemsOf(text: string): unknown {
  return jsonProblems(JSON.parse(text) as JsonValue, LIMITS);
}

describe(jsonProblems.name, () => {
  it.each([
    '1',
    '"x"',
    'null',
    '[]',
    '{}',
    '[[[1]]]',
    '{"a":{"b":{"c":1}}}',
    '[1,2,3,4,5]',
    '[[1],[2]]',
  ])('finds no problem in %s', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it.each([
    ['deeper than the bound', '{"a":[0,{"b":[]}]}', '/a/1/b'],
    ['deeper, in arrays alone', '[[[[]]]]', '/0/0/0'],
    ['more members than the bound', '{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}', ''],
    ['more members and elements in all', '{"a":[1,2],"b":[3,4]}', '/b'],
    ['a key with NUL', '{"a":[{"x\\u0000":1}]}', '/a/0/x\0'],
    ['a key __proto__', '[{"__proto__":{}}]', '/0/__proto__'],
    [
      'a path with characters that JSON Pointer escapes',
      '{"a/b":{"~":{"\\u0000":1}}}',
      '/a~1b/~0/\0',
    ],
  ])('finds %s', (_what, text, path) => {
    expect(problemsOf(text)).toEqual([{ path, detail: expect.any(String) as string }]);
  });

  it('finds every wrong key, with paths that begin with the given one', () => {
    const value = JSON.parse('{"a\\u0000":1,"b":{"__proto__":1,"c\\u0000":2}}') as JsonValue;

    expect(jsonProblems(value, LIMITS, '/data').map(({ path }) => path)).toEqual([
      '/data/a\0',
      '/data/b/__proto__',
      '/data/b/c\0',
    ]);
  });

  it('stops at a hundred problems', () => {
    const keys = Array.from({ length: 300 }, (_, index) => [`${index}\0`, 1] as const);

    expect(jsonProblems(Object.fromEntries(keys), { nestingMax: 9, membersMax: 999 })).toHaveLength(
      100,
    );
  });

  it.each([10_000, 400_000])('refuses a value nested %i deep without a RangeError', (depth) => {
    const value = JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as JsonValue;

    expect(jsonProblems(value, { nestingMax: 64, membersMax: 10_000 })).toEqual([
      {
        path: '/0'.repeat(64),
        detail: 'is nested deeper than 64 arrays and objects (JSON_NESTING_MAX)',
      },
    ]);
  });

  it('shortens long keys in paths', () => {
    const value = { ['k'.repeat(5_000)]: { '\0': 1 } };

    expect(jsonProblems(value, LIMITS)).toEqual([
      { path: `/${'k'.repeat(64)}/\0`, detail: expect.any(String) as string },
    ]);
  });
});
