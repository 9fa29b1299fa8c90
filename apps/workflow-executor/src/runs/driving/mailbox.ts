import { type TaskResult } from '@app/workflow-engine';
import { type OfferedSignal } from './offered-signal.js';

/**
 * The results of the calls of one running activity, and the signals that were offered to it, until they are on
 * record; and whether anything new has arrived. All other signals come from the record.
 */
export class Mailbox {
  #results: readonly TaskResult[] = [];
  #offers: readonly OfferedSignal[] = [];
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

  /** In the order they came; kept until they are settled. */
  get offers(): readonly OfferedSignal[] {
    return this.#offers;
  }

  offer(offered: OfferedSignal): void {
    offered.hold();
    this.#offers = [...this.#offers, offered];
    this.notify();
  }

  /** The caller has to settle these, unless they are taken. */
  settle(offers: readonly OfferedSignal[], how: 'taken' | 'left'): void {
    this.#offers = this.#offers.filter((offered) => !offers.includes(offered));
    for (const offered of offers) offered.settle(how);
  }

  /** Called when these are on record, or have no effect any longer. */
  forget(results: readonly TaskResult[]): void {
    this.#results = this.#results.filter((result) => !results.includes(result));
  }

  /** Ends the current wait, or the next one. */
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

/** Uses the timers of this process, which a simulation controls. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
