import { type JsonValue, parseJson, toJsonText } from '@app/json';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readYaml } from './yaml-document.js';

const LIMITS = { nestingMax: 16, membersMax: 1_000 };

function valueOf(text: string): JsonValue {
  const read = readYaml(text, LIMITS);
  if (read.kind === 'read') return read.value;
  throw new Error(JSON.stringify(read.problems));
}

function problemsOf(text: string): readonly string[] {
  const read = readYaml(text, LIMITS);
  if (read.kind === 'read') return [];
  return read.problems.map(
    ({ path = '', detail, line = 0, column = 0 }) => `${line}:${column} ${path}: ${detail}`,
  );
}

const anyJson = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value));

describe(readYaml.name, () => {
  it('reads any JSON value, written as YAML or as JSON', () => {
    fc.assert(
      fc.property(anyJson, (text) => {
        fc.pre(!text.includes('__proto__') && !text.includes('\\u0000'));
        const value = parseJson(text);

        expect(toJsonText(valueOf(stringify(JSON.parse(text))))).toBe(
          toJsonText(parseJson(JSON.stringify(JSON.parse(text)))),
        );
        expect(toJsonText(valueOf(text))).toBe(toJsonText(value));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps numbers as they were written, and the order of names', () => {
    const text =
      'big: 8202522731445525542\nhex: 0x1f\nexact: 1.0\n10: a\n9: b\nyes: no\n404: "404"\n';

    expect(toJsonText(valueOf(text))).toBe(
      '{"big":8202522731445525542,"hex":31,"exact":1.0,"10":"a","9":"b","yes":"no","404":"404"}',
    );
  });

  it('resolves aliases', () => {
    expect(valueOf('- &one { a: [1] }\n- *one\n- *one')).toEqual([
      { a: [1] },
      { a: [1] },
      { a: [1] },
    ]);
  });

  it('reads an empty text as nothing', () => {
    expect(valueOf('')).toBeNull();
    expect(valueOf('# only this\n')).toBeNull();
  });

  it.each([
    ['an error of the syntax', 'a: [1\nb: 2\n', /^2:1 : /],
    ['a name twice', 'a: 1\nb: 2\na: 3\n', /^3:1 a: is there twice/],
    ['a name that is no text', '? [a]\n: 1\n', /^1:3 : has a name that is no text/],
    ['a name that is a trap', '__proto__: { a: 1 }\n', /^1:1 __proto__: is a name that is not/],
    ['a tag', 'a: !!binary aGVsbG8=\n', /^1:13 a: is no value that JSON has/],
    ['a number that JSON does not have', 'a:\n  - .inf\n', /^2:5 a\[0\]: is a number/],
    ["a tag of one's own", 'a: !mine 5\n', /^1:4 : Unresolved tag/],
    ['an alias of nothing', 'a: *b\n', /^1:4 .*/],
    ['an alias inside what it stands for', 'a: &a [*a]\n', /stands for nothing before it/],
    ['two documents', 'a: 1\n---\nb: 2\n', /^2:1 : is a second document/],
    ['YAML of another version', '%YAML 1.1\n---\na: yes\n', /YAML 1.2/],
  ])('refuses %s', (_, text, problem) => {
    expect(problemsOf(text)[0]).toMatch(problem);
  });

  it('refuses a small text with a large value', () => {
    const laughs = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let at = 1; at < 10; at += 1) {
      const ten = Array.from({ length: 10 }, () => `*a${at - 1}`).join(', ');
      laughs.push(`a${at}: &a${at} [${ten}]`);
    }

    expect(problemsOf(laughs.join('\n'))).toEqual([
      expect.stringContaining('has more than 1000 members in all, aliases written out') as string,
    ]);
  });

  it.each([
    '[',
    '{a: ',
    '- ',
    '? ',
    '[[]',
    '"',
    '&a ',
    '*a ',
    '!a ',
    '\n',
    '# x\n',
    '%',
    '{}',
    '- |\n a\n',
  ])('handles a long text of %j', (unit) => {
    const problems = problemsOf(unit.repeat(200_000 / unit.length));

    expect(problems.length).toBeLessThanOrEqual(100);
  });

  it.each([
    ['deep lists', '['.repeat(17) + ']'.repeat(17)],
    ['deep maps', Array.from({ length: 17 }, (_, at) => ' '.repeat(at) + 'a:\n').join('')],
    ['depth by aliases', 'a: &a [[[[[[[[1]]]]]]]]\nb: [[[[[[[[[*a]]]]]]]]]\n'],
  ])('refuses %s', (_, text) => {
    expect(problemsOf(text)[0]).toContain('is nested deeper than 16');
  });
});

describe('the place of a path', () => {
  const text =
    'name: x\ntasks:\n  look into it:\n    http:\n      url: y\n  a.b:\n    needs: [one, two]\n';
  const read = readYaml(text, LIMITS);
  const placeOf = (path: string): string => {
    if (read.kind !== 'read') return 'invalid';
    const { line, column } = read.placeOf(path);
    return `${line}:${column}`;
  };

  it.each([
    ['name', '1:1'],
    ['tasks.look into it.http.url', '5:7'],
    ['tasks.look into it.http.body', '4:5'],
    ['tasks.a.b.needs[1]', '7:18'],
    ['tasks.a.b.needs[7]', '7:5'],
    ['tasks', '2:1'],
    ['triggers', '1:1'],
    ['', '1:1'],
  ])('of %s is the place of its name, or where it is missing', (path, place) => {
    expect(placeOf(path)).toBe(place);
  });
});
