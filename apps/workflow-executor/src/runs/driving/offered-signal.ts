import { type Signal } from '@app/workflow-engine';

/**
 * A signal that is not on record. Its owner keeps it until the state that it made is on record, or puts it into the
 * inbox. So it costs the write of its step and none before.
 */
export class OfferedSignal {
  /** True once its effect, if it has one, is on record. */
  readonly isTaken: Promise<boolean>;
  #settle: (isTaken: boolean) => void = () => undefined;
  #isHeld = false;

  constructor(readonly signal: Signal) {
    this.isTaken = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Whether it has an owner that settles it, or is settled. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  hold(): void {
    this.#isHeld = true;
  }

  /** Settles it once: later calls change nothing. */
  settle(how: 'taken' | 'left'): void {
    this.#settle(how === 'taken');
  }
}
