import { type TaskResult } from '@app/workflow-engine';
import { type OfferedSignal } from './offered-signal.js';

/**
 * Keeps the results of one activity's calls, and the signals that were offered to it, until they are on record. Other
 * signals come from the record. A driver waits here for the next arrival.
 */
export class Mailbox {
  #results: readonly TaskResult[] = [];
  #offers: readonly OfferedSignal[] = [];
  #hasNews = false;
  #wake: (() => void) | undefined;

  /** In order of arrival; kept until `forget`. */
  get results(): readonly TaskResult[] {
    return this.#results;
  }

  put(result: TaskResult): void {
    this.#results = [...this.#results, result];
    this.notify();
  }

  /** In order of arrival; kept until `settle`. */
  get offers(): readonly OfferedSignal[] {
    return this.#offers;
  }

  offer(offered: OfferedSignal): void {
    offered.hold();
    this.#offers = [...this.#offers, offered];
    this.notify();
  }

  /** Removes these offers and tells their callers whether the signals were taken. */
  settle(offers: readonly OfferedSignal[], how: 'taken' | 'left'): void {
    this.#offers = this.#offers.filter((offered) => !offers.includes(offered));
    for (const offered of offers) offered.settle(how);
  }

  /** Removes results that are on record, or have no effect any longer. */
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

/** Waits by the timers of this process, which a simulation controls. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
