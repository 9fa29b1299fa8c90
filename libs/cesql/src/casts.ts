import {
  cesqlTypeOf,
  type CesqlType,
  type CesqlValue,
  INTEGER_MAX,
  INTEGER_MIN,
} from './cesql-value.js';
import { type Run } from './run.js';

const INTEGER = /^[+-]?\d+$/;
const SHOWN_CHARS_MAX = 40;

/** Casts a value to an integer (CESQL 3.7). Undefined, with an error of the kind `cast`, if that is not possible. */
export function toInteger(value: CesqlValue, run: Run, offset: number): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (!run.affords(value.length, offset)) return undefined;
  const number = INTEGER.test(value) ? Number(value) : NaN;
  if (number >= INTEGER_MIN && number <= INTEGER_MAX) return number + 0;
  run.fail({ kind: 'cast', detail: `${shown(value)} is no integer of 32 bits`, offset });
  return undefined;
}

/** Casts a value to a string (CESQL 3.7), which is always possible. */
export function toText(value: CesqlValue): string {
  return typeof value === 'string' ? value : String(value);
}

/** Casts a value to a boolean (CESQL 3.7). Undefined, with an error of the kind `cast`, if that is not possible. */
export function toBoolean(value: CesqlValue, run: Run, offset: number): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  const lower = value.length <= 'false'.length ? value.toLowerCase() : '';
  if (lower === 'true' || lower === 'false') return lower === 'true';
  run.fail({ kind: 'cast', detail: `${shown(value)} is neither true nor false`, offset });
  return undefined;
}

export function castTo(
  type: CesqlType,
  value: CesqlValue,
  run: Run,
  offset: number,
): CesqlValue | undefined {
  if (type === 'string') return toText(value);
  return type === 'integer' ? toInteger(value, run, offset) : toBoolean(value, run, offset);
}

/** Whether `value` equals `target` after a cast to the type of `target` (CESQL 3.7, ambiguous operators). */
export function isEqual(
  value: CesqlValue,
  target: CesqlValue,
  run: Run,
  offset: number,
): boolean | undefined {
  if (typeof value === typeof target) return value === target;
  const cast = castTo(cesqlTypeOf(target), value, run, offset);
  return cast === undefined ? undefined : cast === target;
}

function shown(value: string): string {
  const clipped = value.length > SHOWN_CHARS_MAX ? `${value.slice(0, SHOWN_CHARS_MAX)}…` : value;
  return `'${clipped}'`;
}
