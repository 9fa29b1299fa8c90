import { type TaskResult } from '@app/workflow-engine';
import { type OfferedSignal } from './offered-signal.js';

/**
 * What the calls of one running activity brought, and the signals that were offered to it, until they are on
 * record, and whether there is anything new to look at. All other signals come from the record alone.
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

  /** Whoever brought these sees to them again, unless they are taken. */
  settle(offers: readonly OfferedSignal[], how: 'taken' | 'left'): void {
    this.#offers = this.#offers.filter((offered) => !offers.includes(offered));
    for (const offered of offers) offered.settle(how);
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

/** By the timers of this process, which a simulation has in its hands. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
