import { StoreUnavailableError } from '../../errors.js';

/** Lets a test take a memory store away and bring it back. */
export class Outage {
  #on = false;

  begin(): void {
    this.#on = true;
  }

  end(): void {
    this.#on = false;
  }

  /** @throws StoreUnavailableError during an outage */
  check(operation: string): void {
    if (this.#on) throw new StoreUnavailableError(operation);
  }
}
