/** One thing that a reconciliation did, or has to do later. */
export interface TopologyChange {
  /** `stream X` or `consumer X/Y`. */
  readonly what: string;
  /**
   * `recreated`: the server refuses to change it, or what it had skipped would stay skipped.
   * `postponed`: a stream of hints that is used as it is until it is empty.
   */
  readonly change: 'created' | 'updated' | 'recreated' | 'postponed';
  /** Empty when it was created, else each field that was different. */
  readonly differences: readonly string[];
}
