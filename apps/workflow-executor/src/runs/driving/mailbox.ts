import { type TaskResult } from '@app/workflow-engine';

/**
 * What the calls of one running activity brought, until it is on record, and whether there is
 * anything new to look at. Signals are not here: they come from the record alone.
 */
export class Mailbox {
  #results: readonly TaskResult[] = [];
  #hasNews = false;
  #wake: (() => void) | undefined;

  /** In the order they came; kept until `forget`. */
  get results(): readonly TaskResult[] {
    return this.#results;
  }

  put(result: TaskResult): void {
    this.#results = [...this.#results, result];
    this.notify();
  }

  /** For when these are on record, or can change nothing there any more. */
  forget(results: readonly TaskResult[]): void {
    this.#results = this.#results.filter((result) => !results.includes(result));
  }

  /** Ends a wait, this one or the next. */
  notify(): void {
    this.#hasNews = true;
    this.#wake?.();
  }

  /** Waits for something new since the last wait, or until `waitMs` have passed. */
  async news(waitMs: number): Promise<void> {
    if (!this.#hasNews) await this.#arrival(waitMs);
    this.#hasNews = false;
  }

  #arrival(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, waitMs));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
