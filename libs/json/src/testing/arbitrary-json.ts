import fc from 'fast-check';
import { anyText } from '@app/errors/testing';

/** Numbers at the border of what a double preserves, on both sides. */
const NUMBERS = [
  '0',
  '-0',
  '0.0',
  '-0.0',
  '1.0',
  '1E2',
  '1e2',
  '1e+2',
  '100',
  '1e400',
  '-1e400',
  '1e-400',
  '1e999999999',
  '1e9999999999999999999999',
  '10e9999999999999999999998',
  '1e-9999999999999999999999',
  '8202522731445525542',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '123456789012345',
  '0.1',
  '0.10',
  '0.000001',
  '0.0000001',
  '1e-7',
  '1e21',
  '1e+21',
  '12345678901234567890.12345678901234567890',
  '0.30000000000000004',
];

const NAMES = [
  '0',
  '1',
  '10',
  '9',
  '01',
  '4294967295',
  '__proto__',
  'constructor',
  '',
  'a"b',
  '\\',
];

/** The text of any JSON number. */
export function arbitraryNumberText(): fc.Arbitrary<string> {
  const digits = (maxLength: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.nat(9).map(String), minLength: 1, maxLength });
  const made = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.oneof(
        fc.constant('0'),
        digits(25).map((text) => text.replace(/^0+/, '') || '0'),
      ),
      fc.option(digits(20), { nil: undefined }),
      fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), digits(4)), { nil: undefined }),
    )
    .map(([sign, whole, fraction, exponent]) => {
      const point = fraction === undefined ? '' : `.${fraction}`;
      return `${sign}${whole}${point}${exponent?.join('') ?? ''}`;
    });
  return fc.oneof(fc.constantFrom(...NUMBERS), made);
}

/**
 * A JSON text that parsing and writing must reproduce exactly: without white space, with strings as `JSON.stringify`
 * writes them, and without duplicate names in an object.
 */
export function arbitraryJsonText(): fc.Arbitrary<string> {
  const string = fc.oneof(fc.string(), anyText(), fc.constantFrom(...NUMBERS));
  const name = fc.oneof(fc.constantFrom(...NAMES), string);
  return fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      arbitraryNumberText(),
      fc.constantFrom('null', 'true', 'false'),
      string.map((text) => JSON.stringify(text)),
      fc.array(tie('value'), { maxLength: 6 }).map((items) => `[${items.join()}]`),
      fc
        .uniqueArray(fc.tuple(name, tie('value')), { maxLength: 6, selector: ([key]) => key })
        .map(
          (members) => `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join()}}`,
        ),
    ),
  })).value;
}

/** The same text with white space wherever JSON allows it. */
export function spaced(text: string): string {
  let result = ' ';
  let at = 0;
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^"[\]{}:,]+/gs)) {
    result += `${token[0]}${['', ' ', '\n', '\t\r '][at++ % 4] ?? ''}`;
  }
  return result;
}
