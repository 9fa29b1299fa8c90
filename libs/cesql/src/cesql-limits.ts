/** What an expression may be, and what it may cost. */
export interface CesqlLimits {
  /** UTF-16 code units of an expression. */
  readonly charsMax: number;
  /** Levels of parentheses, calls and unary operators within each other. */
  readonly depthMax: number;
  /** Characters that one evaluation may read or make; beyond it the evaluation fails with the kind `generic`. */
  readonly workCharsMax: number;
}

export const DEFAULT_CESQL_LIMITS: CesqlLimits = {
  charsMax: 4_096,
  depthMax: 64,
  workCharsMax: 4_194_304,
};
