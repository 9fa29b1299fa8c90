import { type CesqlType, type CesqlValue } from '../cesql-value.js';
import { type CesqlErrorKind } from '../errors.js';

/** One definition of a function. Definitions may share a name if their numbers of parameters differ (CESQL 3.5). */
export interface CesqlFunction {
  /** In upper case; expressions may write it in any case. */
  readonly name: string;
  /** The types that the arguments are cast to. */
  readonly parameters: readonly CesqlType[];
  /** The type of all further arguments; absent if there may be none. */
  readonly more?: CesqlType;
  readonly returns: CesqlType;
  /**
   * @param fail reports an error, besides the returned value
   * @returns a value of the type `returns`
   */
  readonly call: (args: readonly CesqlValue[], fail: Fail) => CesqlValue;
}

export type Fail = (detail: string, kind?: CesqlErrorKind) => void;
