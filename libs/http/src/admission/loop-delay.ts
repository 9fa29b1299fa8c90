const LOOK_EVERY_MS = 50;

/** A single pause (a collection of garbage, a process that was stopped) is no sign of overload. */
const LONG_LOOKS_MIN = 3;

/**
 * Whether the event loop keeps up. When more is asked of a process than it can do, requests wait
 * unread in its sockets, where no bound on what is in flight sees them: all that shows is that each
 * turn of the loop takes longer.
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

  /** True while the last looks all came later than they may. */
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
