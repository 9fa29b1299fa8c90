import {
  doubleOf,
  ExactNumber,
  isJsonArray,
  isJsonContainer,
  isJsonObject,
  isSameJson,
  type JsonValue,
  memberOf,
} from '@app/json';
import { type Walk } from './walk.js';

/** Characters that are compared, or hashed, in the time of a step or less. */
const CHARS_A_STEP = 16;

/** A value, or Nothing. */
type Compared = JsonValue | undefined;

type SameScalar = (a: Compared, b: Compared) => boolean;

/** The steps for reading a text of this length to compare it. */
export function textSteps(length: number): number {
  return 1 + Math.ceil(length / CHARS_A_STEP);
}

/** The steps for comparing two texts, or two numbers, each of whose digits is read; 1 for other values. */
export function scalarSteps(a: Compared, b: Compared): number {
  if (typeof a === 'string' && typeof b === 'string')
    return textSteps(Math.min(a.length, b.length));
  return 1 + digitSteps(a) + digitSteps(b);
}

function digitSteps(value: Compared): number {
  return value instanceof ExactNumber ? textSteps(value.text.length) : 0;
}

/** Equality by RFC 9535 (section 2.3.5.2.2), of numbers as doubles; Nothing equals Nothing alone. */
export function isSameByDoubles(a: Compared, b: Compared, walk: Walk): boolean {
  return isSame(a, b, walk, (one, other) => (doubleOf(one) ?? one) === (doubleOf(other) ?? other));
}

/** Equality of JSON values, of numbers by their exact values; it spends steps for what it reads. */
export function isSameWithin(a: JsonValue, b: JsonValue, walk: Walk): boolean {
  return isSame(
    a,
    b,
    walk,
    (one, other) => one !== undefined && other !== undefined && isSameJson(one, other),
  );
}

function isSame(a: Compared, b: Compared, walk: Walk, isSameScalar: SameScalar): boolean {
  if (walk.isBeyond) return false;
  if (isJsonContainer(a) && isJsonContainer(b)) return isSameContainer(a, b, walk, isSameScalar);
  if (isJsonContainer(a) || isJsonContainer(b)) return walk.may() && false;
  return walk.may(scalarSteps(a, b)) && isSameScalar(a, b);
}

function isSameContainer(
  a: JsonValue,
  b: JsonValue,
  walk: Walk,
  isSameScalar: SameScalar,
): boolean {
  if (isJsonArray(a) && isJsonArray(b))
    return (
      walk.may() &&
      a.length === b.length &&
      a.every((one, at) => isSame(one, b[at], walk, isSameScalar))
    );
  if (!isJsonObject(a) || !isJsonObject(b)) return walk.may() && false;
  const [names, others] = [Object.keys(a), Object.keys(b)];
  return (
    walk.may(names.length + others.length) &&
    names.length === others.length &&
    names.every((name) => isSame(memberOf(a, name), memberOf(b, name), walk, isSameScalar))
  );
}
