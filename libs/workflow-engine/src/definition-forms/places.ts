/** Maps paths of the long form to the paths of the short form that they were made of. */
export class Places {
  readonly #shortOf = new Map<string, string>();

  set(long: string, short: string): void {
    this.#shortOf.set(long, short);
  }

  /** The path in the short form of a path that the validation reports, by the longest known prefix of it. */
  shortOf(long: string): string {
    for (let end = long.length; end > 0; end = lastStep(long, end)) {
      const short = this.#shortOf.get(long.slice(0, end));
      if (short !== undefined) return short + long.slice(end);
    }
    return long;
  }
}

/** The position at which the last step of the path up to `end` begins. */
function lastStep(path: string, end: number): number {
  return Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1), 0);
}
