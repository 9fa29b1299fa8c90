/** What an expression may be, and what it may cost. */
export interface CesqlLimits {
  /** UTF-16 code units of an expression. */
  readonly charsMax: number;
  /** Levels of parentheses, calls and unary operators within each other. */
  readonly depthMax: number;
  /**
   * Characters that one evaluation may look at or make. What is beyond is not done, and is an error of
   * the kind `generic`.
   */
  readonly workCharsMax: number;
}

export const DEFAULT_CESQL_LIMITS: CesqlLimits = {
  charsMax: 4_096,
  depthMax: 64,
  workCharsMax: 4_194_304,
};
