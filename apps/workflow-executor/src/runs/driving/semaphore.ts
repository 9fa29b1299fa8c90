/** Of so many permits that are passed on, one goes to a caller that is not urgent. */
const PASSED_PER_OTHER = 4;

/**
 * A bound on how much is in flight at the same time. Callers beyond it wait, in order. Urgent ones go first, but of
 * each `PASSED_PER_OTHER` permits one is for the others, so that they can't be kept out.
 */
export class Semaphore {
  readonly #urgent: (() => void)[] = [];
  readonly #others: (() => void)[] = [];
  #free: number;
  #passed = 0;

  constructor(permitsMax: number) {
    this.#free = permitsMax;
  }

  get free(): number {
    return this.#free;
  }

  async acquire(isUrgent = false): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const line = isUrgent ? this.#urgent : this.#others;
    await new Promise<void>((resolve) => line.push(resolve));
  }

  /** Passes the permit to the next caller. */
  release(): void {
    this.#passed += 1;
    const isOthers = this.#passed % PASSED_PER_OTHER === 0;
    const [first, second] = isOthers ? [this.#others, this.#urgent] : [this.#urgent, this.#others];
    const next = first.shift() ?? second.shift();
    if (next) next();
    else this.#free += 1;
  }
}
