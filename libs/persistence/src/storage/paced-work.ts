/** Schedules work for items that callers collect: at most one run of it at a time, and one timer. */
export class PacedWork {
  #timer: NodeJS.Timeout | undefined;
  #run: Promise<void> | undefined;

  /** @param work never rejects */
  constructor(private readonly work: () => Promise<void>) {}

  /** Runs the work after `delayMs` milliseconds, or at the time of an earlier call; 0 runs it now. */
  within(delayMs: number): void {
    if (this.#timer !== undefined && delayMs > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), delayMs).unref();
  }

  /** Resolves after a run that began after this call. */
  async now(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#run) await this.#run;
    this.#run = this.work().finally(() => (this.#run = undefined));
    await this.#run;
  }
}
