import { type CesqlType, type CesqlValue } from '../cesql-value.js';
import { type CesqlErrorKind } from '../errors.js';

/** One definition of a function: name and number of parameters tell definitions apart (CESQL 3.5). */
export interface CesqlFunction {
  /** In capitals; a caller may write it in any case. */
  readonly name: string;
  /** What each argument is cast to. */
  readonly parameters: readonly CesqlType[];
  /** Of all further arguments, if there may be some. */
  readonly more?: CesqlType;
  readonly returns: CesqlType;
  /**
   * @param fail makes an error beside the value
   * @returns a value of the type `returns`
   */
  readonly call: (args: readonly CesqlValue[], fail: Fail) => CesqlValue;
}

export type Fail = (detail: string, kind?: CesqlErrorKind) => void;
