import { type CesqlLimits, DEFAULT_CESQL_LIMITS } from '@app/cesql';

/** The bounds of a filter. Its cost for one event follows from them and from the event's bounds. */
export interface FilterLimits {
  /** Comparisons, expressions and conditions, in all. */
  readonly clausesMax: number;
  /** Of `all`, `any` and `not` within each other. */
  readonly depthMax: number;
  /** UTF-16 code units of each text in it; CESQL has a bound of its own. */
  readonly textCharsMax: number;
  /** Nodes that a JSONPath may find; further ones are ignored. */
  readonly nodesMax: number;
  /** The sum of the sizes of all patterns: they are compiled within one turn of the event loop. */
  readonly patternsSizeMax: number;
  /**
   * Steps that all filters together may spend on one event. A pattern costs its size times the length of each text
   * that it is matched against, a path two for each value that it visits, CESQL one for each character that it reads,
   * and each clause a few. A clause without steps does not hold. At 0.13 to 0.25 µs a step (the worst measured) the
   * default is half a second at most.
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

/** The bounds of a filter that is about to be saved. */
export function filterLimits(settings: FilterSettings): FilterLimits {
  return {
    ...DEFAULT_FILTER_LIMITS,
    clausesMax: settings.FILTER_CLAUSES_MAX,
    depthMax: settings.FILTER_DEPTH_MAX,
    stepsMax: settings.FILTER_STEPS_MAX,
    // One expression may spend all steps of an event, each of them a character.
    cesql: { ...DEFAULT_FILTER_LIMITS.cesql, workCharsMax: settings.FILTER_STEPS_MAX },
  };
}

/**
 * The bounds of a stored filter. Its size was checked when it was saved, perhaps with a larger setting, and a smaller
 * setting must not make events fail. Its cost for an event is bounded as ever.
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
