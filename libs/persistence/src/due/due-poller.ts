/** When to look again: at once, as there may be more, or after the pause. */
export type LookAgain = 'at-once' | 'after-pause';

export interface DuePollerSettings {
  /** The pause after a look that left nothing to be done now, or failed, in milliseconds. */
  readonly pauseMs: number;
  /** Called with the error of a look that failed. Polling goes on after the pause. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Polls for due work, one look at a time: work that no message announces, such as activities whose `wakeAt` has
 * passed, locks whose holder is gone, or activities past their retention.
 *
 * Every executor polls, and none is elected. Work is done once nevertheless, because a look takes a lease before it acts:
 * on each record (`ActivityStore.claimDue`) or on the whole work (`StoreLease`); or its steps are idempotent
 * (`LockStore`). `dueWorkContract` in `@app/persistence/testing` checks that.
 */
export class DuePoller {
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #goOn: (() => void) | undefined;

  /** @param look does the work; its signal aborts when it has to stop */
  constructor(
    private readonly look: (stopping: AbortSignal) => Promise<LookAgain>,
    private readonly settings: DuePollerSettings,
  ) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends the polling. Resolves when no look is under way. */
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
