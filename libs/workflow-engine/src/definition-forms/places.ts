/** Which place of the short form each place of the long one was made of. */
export class Places {
  readonly #shortOf = new Map<string, string>();

  set(long: string, short: string): void {
    this.#shortOf.set(long, short);
  }

  /** Of a path that validation reports: by the longest part of it that is known. */
  shortOf(long: string): string {
    for (let end = long.length; end > 0; end = lastStep(long, end)) {
      const short = this.#shortOf.get(long.slice(0, end));
      if (short !== undefined) return short + long.slice(end);
    }
    return long;
  }
}

/** Where the last step of a path that ends at `end` begins. */
function lastStep(path: string, end: number): number {
  return Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1), 0);
}
