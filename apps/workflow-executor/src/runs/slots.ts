/** A bound on how much is in hand at the same time; who finds none free waits in line. */
export class Slots {
  readonly #line: (() => void)[] = [];
  #free: number;

  constructor(slotsMax: number) {
    this.#free = slotsMax;
  }

  get free(): number {
    return this.#free;
  }

  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#line.push(resolve));
  }

  /** Passes the slot on to who has waited longest. */
  give(): void {
    const next = this.#line.shift();
    if (next) next();
    else this.#free += 1;
  }
}
