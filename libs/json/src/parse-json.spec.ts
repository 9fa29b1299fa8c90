import fc from 'fast-check';
import { ExactNumber } from './exact-number.js';
import { doubleOf, isJsonArray, isJsonObject, type JsonValue } from './json-value.js';
import { parseExactly } from './parse-exactly.js';
import { jsonProblems } from './json-problems.js';
import { parseJson, parseJsonWithin } from './parse-json.js';
import { scanText } from './scan-text.js';
import { arbitraryJsonText, arbitraryNumberText, spaced } from './testing/arbitrary-json.js';

/** The value with doubles for numbers, as `JSON.parse` returns it. */
function plain(value: JsonValue): unknown {
  if (isJsonArray(value)) return value.map(plain);
  if (isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
  }
  return doubleOf(value) ?? value;
}

function isPlainText(text: string): boolean {
  return scanText(text, { nestingMax: Infinity, membersMax: Infinity }).isPlain;
}

describe(parseJson.name, () => {
  it('returns what JSON.parse returns, except for what that loses', () => {
    fc.assert(
      fc.property(arbitraryJsonText(), (text) => {
        expect(plain(parseJson(text))).toEqual(JSON.parse(text));
        expect(plain(parseExactly(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['', '{"a":1.0,}', '[1.0', '01', '{"1":}', '"\\"', '1.0.0', '-', '{"1":1.0 "2":1}'])(
    'refuses %s like JSON.parse',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );

  it('parses a text nested 100,000 deep', () => {
    const text = `${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`;

    expect(parseJson(text)).toHaveLength(1);
  });
});

describe(scanText.name, () => {
  it('finds for every number whether a double preserves its text', () => {
    fc.assert(
      fc.property(arbitraryNumberText(), (text) => {
        expect(isPlainText(`[${text}]`)).toBe(String(Number(text)) === text);
        expect(ExactNumber.read(text) instanceof ExactNumber).toBe(!isPlainText(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    '{"a1":1}',
    '["10"]',
    '{"id":"10" , "b":"2020-01-01T00:00:00Z"}',
    '"1\\u0030"',
    '-1.25',
  ])('lets JSON.parse do %s', (text) => {
    expect(isPlainText(text)).toBe(true);
  });

  it.each(['{"1":1}', '{"b":1,"10" :2}', '{"1\\u0030":1}', '{"\\u0031":1}'])(
    'does not let it do %s',
    (text) => {
      expect(isPlainText(text)).toBe(false);
    },
  );

  it.each(['"', '{"a', '["\\', '-', '{"1"', '1e', '"\\"'])(
    'ends on %s, which is no JSON',
    (text) => {
      expect(typeof isPlainText(text)).toBe('boolean');
    },
  );
});

describe(parseJsonWithin.name, () => {
  it('counts in a text what jsonProblems counts in its value', () => {
    const bound = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(arbitraryJsonText(), bound, bound, (text, nestingMax, membersMax) => {
        const limits = { nestingMax, membersMax };
        const beyond = jsonProblems(parseJson(text), limits).some(({ detail }) =>
          /than/.test(detail),
        );

        expect(parseJsonWithin(spaced(text), limits).kind).toBe(beyond ? 'beyond' : 'parsed');
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['[[[]]]', 'is nested deeper than 2 arrays and objects (JSON_NESTING_MAX)'],
    ['[1,2,3,4]', 'has more than 3 members and elements in all (JSON_MEMBERS_MAX)'],
    ['{"a":[1,{"b":2}]}', 'is nested deeper than 2 arrays and objects (JSON_NESTING_MAX)'],
  ])('says which bound %s is beyond, and its setting', (text, detail) => {
    const limits = { nestingMax: 2, membersMax: 3 };

    expect(parseJsonWithin(text, limits)).toEqual({ kind: 'beyond', detail });
  });

  it('does not parse a text beyond its limits', () => {
    expect(parseJsonWithin('[[[no JSON', { nestingMax: 2, membersMax: 9 }).kind).toBe('beyond');
  });
});
