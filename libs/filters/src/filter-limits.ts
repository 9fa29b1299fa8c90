import { type CesqlLimits, DEFAULT_CESQL_LIMITS } from '@app/cesql';

/** What a filter may be. What it may cost for one event follows from it, and from the event's bounds. */
export interface FilterLimits {
  /** Comparisons, expressions and conditions, in all. */
  readonly clausesMax: number;
  /** Of `all`, `any` and `not` within each other. */
  readonly depthMax: number;
  /** UTF-16 code units of each text in it, but for CESQL, which has a bound of its own. */
  readonly textCharsMax: number;
  /** Nodes that a JSONPath may find; of more the first are taken. */
  readonly nodesMax: number;
  /** Steps of one pattern on one text: its size times the text's length. Beyond it does not match. */
  readonly patternStepsMax: number;
  readonly cesql: CesqlLimits;
}

export const DEFAULT_FILTER_LIMITS: FilterLimits = {
  clausesMax: 100,
  depthMax: 16,
  textCharsMax: 1_024,
  nodesMax: 1_000,
  patternStepsMax: 10_000_000,
  cesql: DEFAULT_CESQL_LIMITS,
};
