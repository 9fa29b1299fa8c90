import { type ExactNumber } from './exact-number.js';
import { isDigit, MINUS } from './scan.js';

/**
 * A number as `0.digits` times ten to the power of `point + exponent`. `digits` neither begins nor ends with 0; it is
 * empty for zero.
 */
interface Decimal {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly point: number;
  /** Decimal digits with an optional sign, as written; of any length. */
  readonly exponent: string;
}

/** Larger than any difference of two points, because texts are shorter. */
const POINT_MAX = 2 ** 32;

/** The longest exponent that is computed with. */
const EXPONENT_DIGITS_MAX = 1_000;

/**
 * Whether two JSON numbers are equal, however they are written: 1.0 and 1, 1e2 and 100, -0 and 0. They are compared as
 * decimals, in time linear in their texts: 1e999999999 is never expanded.
 */
export function isSameNumber(a: number | ExactNumber, b: number | ExactNumber): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  const left = decimalOf(String(a));
  const right = decimalOf(String(b));
  if (left.digits !== right.digits) return false;
  if (left.digits === '') return true;
  if (left.isNegative !== right.isNegative) return false;
  return differenceOf(left.exponent, right.exponent) === right.point - left.point;
}

/**
 * Less than 0 if `a` is the smaller number, more than 0 if it is the larger one, 0 if they are equal; however they are
 * written. The time is linear in their texts.
 */
export function compareNumbers(a: number | ExactNumber, b: number | ExactNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const left = decimalOf(String(a));
  const right = decimalOf(String(b));
  const sign = signOf(left);
  if (sign !== signOf(right)) return sign - signOf(right);
  if (sign === 0) return 0;
  const scale = differenceOf(left.exponent, right.exponent) - (right.point - left.point);
  if (scale !== 0) return sign * scale;
  if (left.digits === right.digits) return 0;
  // Digits behind the point: those of a shorter text that is the beginning of the other are the smaller ones.
  return left.digits < right.digits ? -sign : sign;
}

/** Whether it has no fraction, however it is written: 1.0 and 1e3 are whole. */
export function isWholeNumber(number: number | ExactNumber): boolean {
  if (typeof number === 'number') return Number.isInteger(number);
  const { digits, point, exponent } = decimalOf(number.text);
  return digits === '' || digits.length - point <= Number(exponent);
}

function signOf({ digits, isNegative }: Decimal): number {
  if (digits === '') return 0;
  return isNegative ? -1 : 1;
}

/** A canonical text of a number: equal for equal numbers. Undefined if its exponent is too long to compute with. */
export function canonicalNumber(number: number | ExactNumber): string | undefined {
  const { isNegative, digits, point, exponent } = decimalOf(String(number));
  if (digits === '') return '0';
  const magnitude = magnitudeOf(exponent);
  if (magnitude.length > EXPONENT_DIGITS_MAX) return undefined;
  const scale = BigInt(`0${magnitude}`) * (exponent.startsWith('-') ? -1n : 1n) + BigInt(point);
  return `${isNegative ? '-' : ''}0.${digits}e${scale}`;
}

function decimalOf(text: string): Decimal {
  const isNegative = text.charCodeAt(0) === MINUS;
  const exponentAt = text.search(/[eE]/);
  const mantissa = text.slice(isNegative ? 1 : 0, exponentAt === -1 ? undefined : exponentAt);
  const pointAt = mantissa.indexOf('.');
  const whole = pointAt === -1 ? mantissa : mantissa.slice(0, pointAt);
  const all = pointAt === -1 ? whole : whole + mantissa.slice(pointAt + 1);
  const start = zerosAtStart(all);
  const end = all.length - zerosAtEnd(all, start);
  return {
    isNegative,
    digits: all.slice(start, end),
    point: whole.length - start,
    exponent: exponentAt === -1 ? '0' : text.slice(exponentAt + 1),
  };
}

/** `a` minus `b`; exact up to `POINT_MAX`, and infinite beyond. */
function differenceOf(a: string, b: string): number {
  const left = magnitudeOf(a);
  const right = magnitudeOf(b);
  if (a.startsWith('-') === b.startsWith('-')) {
    const difference = lessOf(left, right);
    return a.startsWith('-') ? -difference : difference;
  }
  const sum = Number(left) + Number(right);
  return a.startsWith('-') ? -sum : sum;
}

/** The difference of two unsigned digit strings, column by column; it ends when the difference exceeds `POINT_MAX`. */
function lessOf(a: string, b: string): number {
  const columns = Math.max(a.length, b.length);
  const left = a.padStart(columns, '0');
  const right = b.padStart(columns, '0');
  let difference = 0;
  for (let at = 0; at < columns; at += 1) {
    difference = difference * 10 + (left.charCodeAt(at) - right.charCodeAt(at));
    if (Math.abs(difference) > POINT_MAX * 10) return difference * Infinity;
  }
  return difference;
}

/** Digits without sign and leading zeros. */
function magnitudeOf(exponent: string): string {
  const unsigned = isDigit(exponent.charCodeAt(0)) ? exponent : exponent.slice(1);
  return unsigned.slice(zerosAtStart(unsigned));
}

function zerosAtStart(digits: string): number {
  let count = 0;
  while (digits[count] === '0') count += 1;
  return count;
}

function zerosAtEnd(digits: string, start: number): number {
  let end = digits.length;
  while (end > start && digits[end - 1] === '0') end -= 1;
  return digits.length - end;
}
