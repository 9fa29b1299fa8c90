import {
  doubleOf,
  isJsonArray,
  isJsonContainer,
  isJsonObject,
  type JsonValue,
  memberOf,
} from '@app/json';
import { type Walk } from './walk.js';

/** Characters of a text that are compared, or hashed, in the time of a step or less. */
const CHARS_A_STEP = 16;

/** What it takes to look at a text of this length, to compare it. */
export function textSteps(length: number): number {
  return 1 + Math.ceil(length / CHARS_A_STEP);
}

/** Equality as RFC 9535 has it (section 2.3.5.2.2), of numbers as doubles; Nothing is equal to Nothing alone. */
export function isSameByDoubles(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  walk: Walk,
): boolean {
  if (isJsonContainer(a) && isJsonContainer(b)) return isSameContainer(a, b, walk);
  if (typeof a === 'string' && typeof b === 'string')
    return walk.may(textSteps(Math.min(a.length, b.length))) && a === b;
  return walk.may() && (doubleOf(a) ?? a) === (doubleOf(b) ?? b);
}

function isSameContainer(a: JsonValue, b: JsonValue, walk: Walk): boolean {
  if (isJsonArray(a) && isJsonArray(b))
    return (
      walk.may() && a.length === b.length && a.every((one, at) => isSameByDoubles(one, b[at], walk))
    );
  if (!isJsonObject(a) || !isJsonObject(b)) return walk.may() && false;
  const [names, others] = [Object.keys(a), Object.keys(b)];
  return (
    walk.may(names.length + others.length) &&
    names.length === others.length &&
    names.every((name) => isSameByDoubles(memberOf(a, name), memberOf(b, name), walk))
  );
}
