/** A set of positions of tasks in the plan, as bits: those that a step still has to visit. */
export class PositionSet {
  readonly #words: number[];

  constructor(private readonly places: number) {
    this.#words = new Array<number>((places + 31) >>> 5).fill(0);
  }

  add(at: number): void {
    const word = at >>> 5;
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (at & 31));
  }

  addAll(): void {
    this.#words.fill(-1);
  }

  /** The first position at or after `from`; undefined for none. */
  next(from: number): number | undefined {
    let word = from >>> 5;
    let bits = (this.#words[word] ?? 0) & (-1 << (from & 31));
    while (bits === 0) {
      word += 1;
      if (word >= this.#words.length) return undefined;
      bits = this.#words[word] ?? 0;
    }
    const at = (word << 5) + 31 - Math.clz32(bits & -bits);
    return at < this.places ? at : undefined;
  }
}
