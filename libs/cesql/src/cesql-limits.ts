/** The bounds of an expression and of its evaluation. */
export interface CesqlLimits {
  /** The longest expression, in UTF-16 code units. */
  readonly charsMax: number;
  /** The deepest nesting of parentheses, calls and unary operators. */
  readonly depthMax: number;
  /** The most characters that one evaluation may read or make; beyond that it fails with the kind `generic`. */
  readonly workCharsMax: number;
}

export const DEFAULT_CESQL_LIMITS: CesqlLimits = {
  charsMax: 4_096,
  depthMax: 64,
  workCharsMax: 4_194_304,
};
