import fc from 'fast-check';
import { ExactNumber } from './exact-number.js';
import { compareNumbers, isWholeNumber } from './number-order.js';

/** A number of 60 decimal places at most, as a whole number of 10^-60. */
function scaled(digits: bigint, exponent: number): bigint {
  return digits * 10n ** BigInt(exponent + 60);
}

const decimal = fc.record({
  digits: fc.oneof(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(-3n, 3n)),
  exponent: fc.integer({ min: -40, max: 40 }),
});

describe('two numbers', () => {
  it('compare as their values do, however they are written', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const [left, right] = [a, b].map(({ digits, exponent }) => ({
          read: ExactNumber.read(`${digits}e${exponent}`),
          value: scaled(digits, exponent),
        }));
        if (left === undefined || right === undefined) return;
        const expected = left.value < right.value ? -1 : Number(left.value > right.value);
        expect(Math.sign(compareNumbers(left.read, right.read))).toBe(expected);
        expect(isWholeNumber(left.read)).toBe(left.value % 10n ** 60n === 0n);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['1e999999999999', '1e999999999998', 1],
    ['-1e999999999999', '1', -1],
    ['0e5', '-0', 0],
    ['1.0', '1', 0],
    ['1e-999999999999', '0', 1],
    ['0.10', '0.101', -1],
  ])('%s and %s compare without being written out', (a, b, sign) => {
    expect(Math.sign(compareNumbers(ExactNumber.read(a), ExactNumber.read(b)))).toBe(sign);
  });
});
