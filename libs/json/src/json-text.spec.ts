import fc from 'fast-check';
import { ExactNumber } from './exact-number.js';
import { toJsonText } from './json-text.js';
import { jsonObjectOf } from './member-order.js';
import { parseJson } from './parse-json.js';
import { parseExactly } from './parse-exactly.js';
import { arbitraryJsonText, spaced } from './testing/arbitrary-json.js';

describe(toJsonText.name, () => {
  it('gives back every text that was parsed, up to white space', () => {
    fc.assert(
      fc.property(arbitraryJsonText(), (text) => {
        expect(toJsonText(parseJson(text))).toBe(text);
        expect(toJsonText(parseJson(spaced(text)))).toBe(text);
        expect(toJsonText(parseExactly(text))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['{"id":8202522731445525542}', '{"id":8202522731445525542}'],
    ['[1e400,-0,1.0,1E2,0.12345678901234567890]', '[1e400,-0,1.0,1E2,0.12345678901234567890]'],
    ['{"b":1,"10":2,"9":{"z":1,"1":2}}', '{"b":1,"10":2,"9":{"z":1,"1":2}}'],
    ['{"__proto__":{"1":1.0}}', '{"__proto__":{"1":1.0}}'],
    ['{"b":1,"a":2,"b":3}', '{"b":3,"a":2}'],
    ['{"2":1,"1":2,"2":3.0}', '{"2":3.0,"1":2}'],
    ['{"\\u0031":"\\u0041","0":1}', '{"1":"A","0":1}'],
    ['{"1\\u0030":1,"9":1}', '{"10":1,"9":1}'],
  ])('of %s is %s', (text, expected) => {
    expect(toJsonText(parseJson(text))).toBe(expected);
  });

  it('leaves out undefined members and writes a date as text, with and without exact numbers', () => {
    const at = new Date(0);

    expect(toJsonText({ a: undefined, at, list: [undefined] })).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","list":[null]}',
    );
    expect(toJsonText({ a: undefined, at, list: [undefined], n: ExactNumber.read('1.0') })).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","list":[null],"n":1.0}',
    );
    expect(() => toJsonText(undefined)).toThrow(TypeError);
  });

  it('keeps the order of members given to jsonObjectOf', () => {
    expect(
      toJsonText(
        jsonObjectOf([
          ['b', 1],
          ['1', 2],
          ['b', 3],
        ]),
      ),
    ).toBe('{"b":3,"1":2}');
  });
});
