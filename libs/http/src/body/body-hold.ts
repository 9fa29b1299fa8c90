import { TooManyBytesInFlightError } from '../errors.js';
import { type ByteBudget } from './byte-budget.js';

/** What one request holds of a budget. Whoever makes one releases it, however the request ends. */
export class BodyHold {
  #bytes = 0;
  #isReleased = false;

  constructor(private budget: ByteBudget) {}

  /**
   * Holds this many bytes in all, if it does not yet.
   * @throws TooManyBytesInFlightError at once, when there is no room
   */
  growTo(bytes: number): void {
    const more = bytes - this.#bytes;
    if (more <= 0 || this.#isReleased) return;
    if (!this.budget.tryTake(more, this.#bytes)) throw new TooManyBytesInFlightError();
    this.#bytes = bytes;
  }

  /**
   * Holds what it holds of another budget, and at least `bytes`; waits for its turn there.
   * @throws TooManyBytesInFlightError when that does not come in time
   */
  async moveTo(budget: ByteBudget, bytes: number): Promise<void> {
    const wanted = Math.max(bytes, this.#bytes);
    if (!(await budget.take(wanted))) throw new TooManyBytesInFlightError();
    if (this.#isReleased) {
      budget.give(wanted);
      return;
    }
    this.budget.give(this.#bytes);
    this.budget = budget;
    this.#bytes = wanted;
  }

  /** Without effect when it was released before. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.budget.give(this.#bytes);
    this.#bytes = 0;
  }
}
