import { type Input } from '@app/workflow-engine';

/** Where what happens to one running activity waits until its driver looks. */
export class Mailbox {
  #arrived: Input[] = [];
  #wake: (() => void) | undefined;

  #roused = false;

  put(input: Input): void {
    this.#arrived.push(input);
    this.#wake?.();
  }

  /** Ends a wait, this one or the next, without an input. */
  rouse(): void {
    this.#roused = true;
    this.#wake?.();
  }

  /** All that has arrived; if nothing has, waits for something or until `waitMs` have passed. */
  async take(waitMs: number): Promise<readonly Input[]> {
    if (this.#arrived.length === 0 && !this.#roused) await this.#arrival(waitMs);
    const arrived = this.#arrived;
    this.#arrived = [];
    this.#roused = false;
    return arrived;
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
