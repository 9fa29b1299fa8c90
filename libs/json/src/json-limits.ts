/** Bounds of a JSON value that came from outside. */
export interface JsonLimits {
  /** Arrays and objects inside each other; 1 is a flat one. */
  readonly nestingMax: number;
  /** Members of all objects and elements of all arrays, counted together. */
  readonly membersMax: number;
}
