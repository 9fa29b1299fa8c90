/** Readings that are looked at; with a heartbeat twice a second, those of the last ten seconds. */
const READINGS_MAX = 20;

/**
 * Readings that come within this time, in milliseconds, are one: the nearest of them. After a pause of
 * the process (a stopped virtual machine, SIGSTOP) all answers of that time come at once and late;
 * however many they are, they push out no more than one reading.
 */
const APART_MS_MIN = 250;

/** Less than this is as good as none, and may be no more than the time an answer was on its way. */
const OFFSET_MS_MIN = 100;

/** Goes on evenly, whatever is done to the machine's clock after the process began. */
// eslint-disable-next-line no-restricted-syntax -- here fractions are cut off
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
  #readingBegunAt = -Infinity;
  #offsetMs = 0;

  constructor(private readonly local: () => number = evenly) {}

  /** How much the server's clock is ahead of this machine's; 0 while it is not known. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** In whole milliseconds since 1970: what is written, compared and shown has no fractions. */
  readonly now = (): number => Math.floor(this.local() + this.#offsetMs);

  /** An answer has come that the server gave at that time. */
  observe(serverTime: Date): void {
    const local = this.local();
    const reading = serverTime.getTime() - local;
    if (local - this.#readingBegunAt < APART_MS_MIN) {
      this.#readings.push(Math.max(this.#readings.pop() ?? reading, reading));
    } else {
      this.#readingBegunAt = local;
      this.#readings.push(reading);
      if (this.#readings.length > READINGS_MAX) this.#readings.shift();
    }
    const offsetMs = Math.max(...this.#readings);
    this.#offsetMs = Math.abs(offsetMs) < OFFSET_MS_MIN ? 0 : offsetMs;
  }
}
