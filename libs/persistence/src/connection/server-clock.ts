/** The number of readings that are kept; with a heartbeat twice a second, those of the last ten seconds. */
const READINGS_MAX = 20;

/**
 * Readings within this time, in milliseconds, count as one: the most accurate of them. After a pause of
 * the process (a stopped virtual machine, SIGSTOP) all answers of that time arrive at once and late;
 * however many they are, they replace only one reading.
 */
const APART_MS_MIN = 250;

/** A smaller offset is ignored, in milliseconds: it may only be the transit time of an answer. */
const OFFSET_MS_MIN = 100;

/** A monotonic clock: it ignores changes of the machine's clock after the start of the process. */
// eslint-disable-next-line no-restricted-syntax -- here fractions are cut off
const evenly = (): number => performance.timeOrigin + performance.now();

/**
 * An estimate of MongoDB's clock from heartbeats, without further requests. Leases are written by one
 * process and judged by others. If each used its own clock, a process whose clock is fast would claim
 * activities whose leases have not run out.
 *
 * Each answer to a heartbeat has the server's time. A delay of the answer, on the network or in the
 * event loop, makes the server's clock seem slow and never fast. So the reading with the greatest
 * offset is the most accurate one.
 */
export class ServerClock {
  readonly #readings: number[] = [];
  #readingBegunAt = -Infinity;
  #offsetMs = 0;

  constructor(private readonly local: () => number = evenly) {}

  /** How much the server's clock is ahead of this machine's, in milliseconds; 0 while it is not known. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** The time in whole milliseconds since 1970, because stored instants have no fractions. */
  readonly now = (): number => Math.floor(this.local() + this.#offsetMs);

  /** Adds a reading: an answer that arrived now, and the server's time in it. */
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
