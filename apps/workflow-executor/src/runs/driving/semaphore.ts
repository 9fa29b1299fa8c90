/** A bound on how much is in flight at the same time; callers beyond it wait in order. */
export class Semaphore {
  readonly #line: (() => void)[] = [];
  #free: number;

  constructor(permitsMax: number) {
    this.#free = permitsMax;
  }

  get free(): number {
    return this.#free;
  }

  async acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#line.push(resolve));
  }

  /** Passes the permit to the caller that has waited longest. */
  release(): void {
    const next = this.#line.shift();
    if (next) next();
    else this.#free += 1;
  }
}
