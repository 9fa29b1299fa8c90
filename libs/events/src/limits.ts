/** Bounds of a JSON value that came from outside (design section 12). */
export interface JsonLimits {
  /** Arrays and objects inside each other; 1 is a flat one. */
  readonly nestingMax: number;
  /** Members of all objects and elements of all arrays, counted together. */
  readonly membersMax: number;
}

export interface EventLimits extends JsonLimits {
  /** Events in one batch. */
  readonly batchEventsMax: number;
}

export const DEFAULT_EVENT_LIMITS: EventLimits = {
  nestingMax: 64,
  membersMax: 10_000,
  batchEventsMax: 100,
};

/** No answer lists more problems than this, however many there are. */
export const PROBLEMS_MAX = 100;
