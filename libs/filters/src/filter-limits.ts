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
  /** Sizes of all patterns together: they are compiled within one turn of the event loop. */
  readonly patternsSizeMax: number;
  /**
   * Steps that all filters together take for one event: of a pattern its size times the length of each text that it is
   * tried on, of a path two for each value that it comes to, of CESQL the characters that it looks at, and a few for each
   * clause. What is beyond does not hold. At 0.13 to 0.25 µs a step, the worst that were measured, the default
   * is half a second at most.
   */
  readonly stepsMax: number;
  readonly cesql: CesqlLimits;
}

/** The bounds that operators set, by the names of the settings. */
export interface FilterSettings {
  readonly FILTER_CLAUSES_MAX: number;
  readonly FILTER_DEPTH_MAX: number;
  readonly FILTER_STEPS_MAX: number;
}

/** What holds for a filter that is saved. */
export function filterLimits(settings: FilterSettings): FilterLimits {
  return {
    ...DEFAULT_FILTER_LIMITS,
    clausesMax: settings.FILTER_CLAUSES_MAX,
    depthMax: settings.FILTER_DEPTH_MAX,
    stepsMax: settings.FILTER_STEPS_MAX,
    // An expression may take all steps of an event, each of them a character.
    cesql: { ...DEFAULT_FILTER_LIMITS.cesql, workCharsMax: settings.FILTER_STEPS_MAX },
  };
}

/**
 * What holds for a filter that was saved: its size was bounded then, perhaps by a larger setting, and no
 * event may fail because that was made smaller. What it may cost for an event is bounded as ever.
 */
export function savedFilterLimits(limits: FilterLimits): FilterLimits {
  return { ...limits, clausesMax: 1_000, depthMax: 64 };
}

export const DEFAULT_FILTER_LIMITS: FilterLimits = {
  clausesMax: 100,
  depthMax: 16,
  textCharsMax: 1_024,
  nodesMax: 1_000,
  patternsSizeMax: 20_000,
  stepsMax: 2_000_000,
  cesql: DEFAULT_CESQL_LIMITS,
};
