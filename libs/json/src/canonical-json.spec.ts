import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import { parseJson } from './parse-json.js';
import { isSameJson } from './same-json.js';
import { arbitraryJsonText, arbitraryNumberText } from './testing/arbitrary-json.js';

function isSameText(a: string, b: string): boolean {
  return canonicalJson(parseJson(a)) === canonicalJson(parseJson(b));
}

describe(canonicalJson.name, () => {
  it.each([
    ['{"a":1,"b":[2,{"c":null}]}', '{ "b": [2.0, {"c": null}], "a": 1.0 }'],
    ['"\\u0061"', '"a"'],
    ['-0', '0.0e7'],
    ['100', '1E+2'],
    ['10e9999999999999999999998', '1e9999999999999999999999'],
  ])('is one text for %s and %s', (a, b) => {
    expect(isSameText(a, b)).toBe(true);
  });

  it.each([
    ['1', '"1"'],
    ['[1,2]', '[2,1]'],
    ['[1,[2]]', '[[1],2]'],
    ['[12]', '[1,2]'],
    ['{}', '[]'],
    ['1', '10'],
    ['1', '-1'],
    ['8202522731445525542', '8202522731445525543'],
    ['{"a":null}', '{}'],
    ['"\\ud800"', '"\\udfff"'],
  ])('is another text for %s and %s', (a, b) => {
    expect(isSameText(a, b)).toBe(false);
  });

  it('agrees with isSameJson on any two numbers', () => {
    fc.assert(
      fc.property(arbitraryNumberText(), arbitraryNumberText(), (a, b) => {
        expect(isSameText(a, b)).toBe(isSameJson(parseJson(a), parseJson(b)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('agrees with isSameJson on any two values', () => {
    fc.assert(
      fc.property(arbitraryJsonText(), arbitraryJsonText(), (a, b) => {
        expect(isSameText(a, b)).toBe(isSameJson(parseJson(a), parseJson(b)));
        expect(isSameText(a, a)).toBe(true);
      }),
    );
  });

  it('is undefined for a number whose exponent is too long to compute with', () => {
    expect(canonicalJson(parseJson(`[1e${'9'.repeat(1_001)}]`))).toBeUndefined();
  });

  it('is made of values nested 5,000 deep', () => {
    const depth = 5_000;
    const deep = '['.repeat(depth) + ']'.repeat(depth);
    expect(canonicalJson(parseJson(deep))).toHaveLength(depth * 3 - 1);
  });
});
