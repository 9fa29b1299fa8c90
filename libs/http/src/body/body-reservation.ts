import { TooManyBytesInFlightError } from '../errors.js';
import { type ByteBudget } from './byte-budget.js';

/** The bytes of a budget that are reserved for the body of one request. Its creator releases it, however the request ends. */
export class BodyReservation {
  #bytes = 0;
  #isReleased = false;

  constructor(private budget: ByteBudget) {}

  /**
   * Raises what it holds to this many bytes in all. @throws TooManyBytesInFlightError at once, when there is no room
   */
  growTo(bytes: number): void {
    const more = bytes - this.#bytes;
    if (more <= 0 || this.#isReleased) return;
    if (!this.budget.tryTake(more, this.#bytes)) throw new TooManyBytesInFlightError();
    this.#bytes = bytes;
  }

  /**
   * Moves what it holds, and at least `bytes`, to another budget; waits for its turn there.
   * @throws TooManyBytesInFlightError when its turn does not come in time
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

  /** Has no effect when it was released before. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.budget.give(this.#bytes);
    this.#bytes = 0;
  }
}
