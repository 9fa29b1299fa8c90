const LOOK_EVERY_MS = 50;

/** Late samples in a row that count as overload: a single pause (a garbage collection, a stopped process) does not. */
const LONG_LOOKS_MIN = 3;

/**
 * Tells whether the event loop keeps up. An overloaded process leaves requests unread in its sockets, where no bound
 * on requests in flight sees them; the only sign is that each turn of the loop takes longer.
 */
export class LoopDelay {
  readonly #looks: NodeJS.Timeout;
  #expectedAt: number;
  #longLooks = 0;

  constructor(
    private readonly delayMsMax: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#expectedAt = this.nowMs() + LOOK_EVERY_MS;
    this.#looks = setInterval(() => {
      this.#look();
    }, LOOK_EVERY_MS).unref();
  }

  /** True while each of the last samples was later than allowed. */
  get isLong(): boolean {
    return this.#longLooks >= LONG_LOOKS_MIN;
  }

  stop(): void {
    clearInterval(this.#looks);
  }

  #look(): void {
    const now = this.nowMs();
    const isLong = now - this.#expectedAt > this.delayMsMax;
    this.#longLooks = isLong ? this.#longLooks + 1 : 0;
    this.#expectedAt = now + LOOK_EVERY_MS;
  }
}
