import fc from 'fast-check';
import { type JsonValue } from './json-value.js';
import { isSameJson } from './same-json.js';

function compare(a: string, b: string): boolean {
  return isSameJson(JSON.parse(a) as JsonValue, JSON.parse(b) as JsonValue);
}

describe(isSameJson.name, () => {
  it.each([
    ['{"a":1,"b":[2,{"c":null}]}', '{ "b": [2.0, {"c": null}], "a": 1.0 }'],
    ['"\\u0061"', '"a"'],
    ['-0', '0'],
    ['{"__proto__":1}', '{"__proto__":1}'],
  ])('finds %s and %s the same', (a, b) => {
    expect(compare(a, b)).toBe(true);
  });

  it.each([
    ['[1,2]', '[2,1]'],
    ['[1]', '[1,2]'],
    ['[]', '{}'],
    ['{"0":1}', '[1]'],
    ['{"a":1}', '{"b":1}'],
    ['{"a":1}', '{"a":1,"b":2}'],
    ['{"a":null}', '{"b":null}'],
    ['null', '{}'],
    ['{"toString":1}', '{"x":1}'],
    ['1', '"1"'],
    ['{"a":{"b":[1]}}', '{"a":{"b":[2]}}'],
  ])('finds %s and %s different, both ways', (a, b) => {
    expect(compare(a, b)).toBe(false);
    expect(compare(b, a)).toBe(false);
  });

  it('finds any value the same as what it is after a round trip', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);

        expect(compare(text, JSON.stringify(JSON.parse(text), undefined, 1))).toBe(true);
      }),
    );
  });

  it('compares values nested 100,000 deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);

    expect(compare(deep, deep)).toBe(true);
  });
});
