/** Readings that are looked at; with a heartbeat twice a second, those of the last ten seconds. */
const READINGS_MAX = 20;

/** Less than this is as good as none, and may be no more than the time an answer was on its way. */
const OFFSET_MS_MIN = 100;

/** Goes on evenly, whatever is done to the machine's clock after the process began. */
const evenly = (): number => performance.timeOrigin + performance.now();

/**
 * MongoDB's clock, as near as it can be known without asking for it. Leases are written by one
 * process and judged by others: by their own clocks, one that is fast would take from the others
 * what they are working on.
 *
 * Each answer to a heartbeat has the server's time. An answer that was long on its way, or had to
 * wait for the event loop, makes the server look slow and never fast: so of the last readings the
 * one with the greatest offset is the nearest to the truth.
 */
export class ServerClock {
  readonly #readings: number[] = [];
  #offsetMs = 0;

  constructor(private readonly local: () => number = evenly) {}

  /** How much the server's clock is ahead of this machine's; 0 while it is not known. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** In milliseconds since 1970. */
  readonly now = (): number => this.local() + this.#offsetMs;

  /** An answer has come that the server gave at that time. */
  observe(serverTime: Date): void {
    this.#readings.push(serverTime.getTime() - this.local());
    if (this.#readings.length > READINGS_MAX) this.#readings.shift();
    const offsetMs = Math.max(...this.#readings);
    this.#offsetMs = Math.abs(offsetMs) < OFFSET_MS_MIN ? 0 : offsetMs;
  }
}
