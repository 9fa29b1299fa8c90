const SECOND_MS = 1_000;

/**
 * Bounds the lines that are written in a second. The number of lines left out is reported at the end of the second, so
 * that missing lines are not mistaken for missing events.
 */
export class LineBudget {
  #written = 0;
  #leftOut = 0;
  #endsAt = 0;

  constructor(
    private readonly linesPerSecondMax: number,
    private readonly report: (leftOut: number) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Whether a line may be written. If so, it is counted. */
  take(): boolean {
    const now = this.nowMs();
    if (now >= this.#endsAt) this.#begin(now);
    if (this.#written < this.linesPerSecondMax) {
      this.#written += 1;
      return true;
    }
    if (this.#leftOut === 0) this.#reportAfterwards(this.#endsAt - now);
    this.#leftOut += 1;
    return false;
  }

  #begin(now: number): void {
    this.#endsAt = now + SECOND_MS;
    this.#written = 0;
  }

  #reportAfterwards(delayMs: number): void {
    setTimeout(() => {
      this.report(this.#leftOut);
      this.#leftOut = 0;
    }, delayMs).unref();
  }
}
