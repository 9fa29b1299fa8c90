/** Bounds of a JSON value from outside. */
export interface JsonLimits {
  /** The deepest nesting of arrays and objects; a flat one has depth 1. */
  readonly nestingMax: number;
  /** Members of all objects and elements of all arrays, counted together. */
  readonly membersMax: number;
}

/** The message for a value beyond a bound. It names the setting, so that an operator can raise it. */
export function beyondDetail(bound: keyof JsonLimits, max: number): string {
  return bound === 'nestingMax'
    ? `is nested deeper than ${max} arrays and objects (JSON_NESTING_MAX)`
    : `has more than ${max} members and elements in all (JSON_MEMBERS_MAX)`;
}
