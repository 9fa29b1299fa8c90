/**
 * A value for scrapes that is expensive to read. It is read again when it is older than `ageMsMax` milliseconds, by one
 * caller at a time, and waited for at most `waitMsMax` milliseconds. After that, or when reading fails, there is no
 * value, because a gap in a metric is less misleading than a stale value.
 */
export class CachedReading<T> {
  #value: T | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(
    private readonly read: () => Promise<T>,
    private readonly limits: { readonly ageMsMax: number; readonly waitMsMax: number },
    private readonly now: () => number = () => performance.now(),
  ) {}

  async get(): Promise<T | undefined> {
    if (this.now() - this.#readAt >= this.limits.ageMsMax) {
      this.#reading ??= this.#refresh();
      await settledWithin(this.#reading, this.limits.waitMsMax);
    }
    return this.now() - this.#readAt < this.limits.ageMsMax ? this.#value : undefined;
  }

  async #refresh(): Promise<void> {
    try {
      this.#value = await this.read();
      this.#readAt = this.now();
    } catch {
      this.#value = undefined;
    } finally {
      this.#reading = undefined;
    }
  }
}

async function settledWithin(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}

/** The limits of values that are read from MongoDB or NATS, in milliseconds. */
export const READING = { ageMsMax: 5_000, waitMsMax: 1_000 };
