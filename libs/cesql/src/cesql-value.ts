/** A String, an Integer of 32 bits or a Boolean (CESQL 3.1). */
export type CesqlValue = string | number | boolean;

export type CesqlType = 'string' | 'integer' | 'boolean';

/** Returns an attribute of the event by its name in lower case; undefined if the event has none (CESQL 3.2). */
export type CesqlAttributes = (name: string) => CesqlValue | undefined;

export const INTEGER_MIN = -2_147_483_648;
export const INTEGER_MAX = 2_147_483_647;

export function cesqlTypeOf(value: CesqlValue): CesqlType {
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' ? 'integer' : 'boolean';
}

/** The zero value of a type: the result of an operator or function that failed (CESQL 3.1). */
export function zeroOf(type: CesqlType): CesqlValue {
  if (type === 'string') return '';
  return type === 'integer' ? 0 : false;
}
