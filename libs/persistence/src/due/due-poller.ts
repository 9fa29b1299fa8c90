/** When to look again: at once, as there may be more, or after the pause. */
export type LookAgain = 'at-once' | 'after-pause';

export interface DuePollerSettings {
  /** The pause after a look that left nothing to be done now, or failed, in milliseconds. */
  readonly pauseMs: number;
  /** A look failed: it is said, and the next one comes all the same. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Looks for what is due, again and again, one look at a time: what nobody comes to tell of, such as
 * activities whose time has come, locks whose holder has gone, or what is kept no longer.
 *
 * Every executor polls, and none is elected. What is due is done once all the same, by what a look takes
 * before it does anything: a lease on each record (`ActivityStore.claimDue`), a lease on the whole work
 * (`StoreLease`), or steps of which each may be done twice (`LockStore`). `dueWorkContract` in
 * `@app/persistence/testing` holds whatever is polled to that.
 */
export class DuePoller {
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #goOn: (() => void) | undefined;

  /** @param look is told by the signal that it is to break off */
  constructor(
    private readonly look: (stopping: AbortSignal) => Promise<LookAgain>,
    private readonly settings: DuePollerSettings,
  ) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when no look is under way and none will come. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#goOn?.();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if ((await this.#lookSafely()) === 'after-pause') await this.#pause();
    }
  }

  async #lookSafely(): Promise<LookAgain> {
    try {
      return await this.look(this.#stopping.signal);
    } catch (error) {
      this.settings.onTrouble(error);
      return 'after-pause';
    }
  }

  #pause(): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.settings.pauseMs);
      timer.unref();
      this.#goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
