import fc from 'fast-check';
import { parseJson } from './parse-json.js';
import { isSameJson } from './same-json.js';
import { arbitraryJsonText, arbitraryNumberText, spaced } from './testing/arbitrary-json.js';

/** The number as an exact fraction of big integers: slow, and obviously correct. */
function fractionOf(text: string): readonly [bigint, bigint] {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const power = Number(exponent) - fraction.length;
  const digits = BigInt(whole.replace('-', '') + fraction) * (text.startsWith('-') ? -1n : 1n);
  return power < 0 ? [digits, 10n ** BigInt(-power)] : [digits * 10n ** BigInt(power), 1n];
}

function isSameFraction(a: string, b: string): boolean {
  const [aTop, aBottom] = fractionOf(a);
  const [bTop, bBottom] = fractionOf(b);
  return aTop * bBottom === bTop * aBottom;
}

/** The same number written otherwise: with the point moved, and the exponent changed accordingly. */
function rewritten(text: string, places: number): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return `${whole}${fraction}${'0'.repeat(places)}e${BigInt(exponent) - BigInt(fraction.length + places)}`.replace(
    /^(-?)0+(?=\d)/,
    '$1',
  );
}

function compare(a: string, b: string): boolean {
  return isSameJson(parseJson(a), parseJson(b));
}

describe(isSameJson.name, () => {
  it.each([
    ['{"a":1,"b":[2,{"c":null}]}', '{ "b": [2.0, {"c": null}], "a": 1.0 }'],
    ['"\\u0061"', '"a"'],
    ['-0', '0'],
    ['1.0', '1'],
    ['1e2', '100'],
    ['1E+2', '100.000'],
    ['0e5', '-0.0'],
    ['1e400', '10e399'],
    ['1e-400', '0.1e-399'],
    ['1e999999999', '0.01e1000000001'],
    ['10e9999999999999999999999', '1e10000000000000000000000'],
    ['0.1e-9999999999999999999999', '1e-10000000000000000000000'],
    ['12345678901234567890', '1.2345678901234567890e19'],
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
    ['1.0', '"1.0"'],
    ['1.0', '{"text":"1.0"}'],
    ['8202522731445525542', '8202522731445525543'],
    ['9007199254740992', '9007199254740993'],
    ['1e400', '1e401'],
    ['1e400', '-1e400'],
    ['1e-400', '0'],
    ['1e9999999999999999999999', '1e9999999999999999999998'],
    ['1e9999999999999999999999', '1e-9999999999999999999999'],
    ['0.1', '0.1000000000000000000001'],
    ['{"a":{"b":[1]}}', '{"a":{"b":[2]}}'],
  ])('finds %s and %s different, both ways', (a, b) => {
    expect(compare(a, b)).toBe(false);
    expect(compare(b, a)).toBe(false);
  });

  it('compares numbers as exact fractions do', () => {
    const written = arbitraryNumberText().filter((text) => !/e.?\d{5}/i.test(text));
    fc.assert(
      fc.property(written, written, fc.nat(9), (a, b, places) => {
        expect(compare(a, b)).toBe(isSameFraction(a, b));
        expect(compare(a, rewritten(a, places))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds numbers the same when their point is moved, whatever their exponent', () => {
    fc.assert(
      fc.property(arbitraryNumberText(), fc.nat(30), (text, places) => {
        expect(compare(text, rewritten(text, places))).toBe(true);
      }),
    );
  });

  it('is symmetric and reflexive', () => {
    fc.assert(
      fc.property(arbitraryJsonText(), arbitraryJsonText(), (a, b) => {
        expect(compare(a, spaced(a))).toBe(true);
        expect(compare(a, b)).toBe(compare(b, a));
      }),
    );
  });

  it('compares numbers of a million characters, whatever they are made of', () => {
    const zeros = '0'.repeat(1_000_000);

    expect(compare(`1${zeros}`, `1e1000000`)).toBe(true);
    expect(compare(`0.${zeros}1${zeros}`, `1e-1000001`)).toBe(true);
    expect(compare(`1e1${zeros}`, `10e1${zeros}`)).toBe(false);
    expect(compare(`1e1${zeros}`, `0.1e1${zeros.slice(1)}1`)).toBe(true);
  });

  it('finds any value the same after a round trip', () => {
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
