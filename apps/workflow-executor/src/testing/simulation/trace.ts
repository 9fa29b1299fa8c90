/** What happened in a simulation, in order; and what should not have. */
export class Trace {
  readonly violations: string[] = [];
  readonly #lines: string[] = [];

  constructor(private readonly clock: () => number) {}

  /** @param who an executor, or what happens to it */
  add(who: string, what: string): void {
    const seconds = (this.clock() / 1_000).toFixed(3).padStart(9);
    this.#lines.push(`${seconds} ${who.padEnd(6)} ${what}`);
  }

  violation(what: string): void {
    this.add('!!!', what);
    this.violations.push(what);
  }

  /** Everything up to the first violation. */
  toString(): string {
    const end = this.#lines.findIndex((line) => line.includes(' !!! '));
    return this.#lines.slice(0, end === -1 ? undefined : end + 1).join('\n');
  }
}
