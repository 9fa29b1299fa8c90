/** Bounds of a JSON value that came from outside. */
export interface JsonLimits {
  /** Arrays and objects inside each other; 1 is a flat one. */
  readonly nestingMax: number;
  /** Members of all objects and elements of all arrays, counted together. */
  readonly membersMax: number;
}

/** What is wrong with a value that is beyond a bound; it names the setting, for whoever can raise it. */
export function beyondDetail(bound: keyof JsonLimits, max: number): string {
  return bound === 'nestingMax'
    ? `is nested deeper than ${max} arrays and objects (JSON_NESTING_MAX)`
    : `has more than ${max} members and elements in all (JSON_MEMBERS_MAX)`;
}
