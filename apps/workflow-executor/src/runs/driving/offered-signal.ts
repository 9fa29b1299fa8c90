import { type Signal } from '@app/workflow-engine';

/**
 * A signal that is not on record: whoever brings it keeps it until the state that it made is, or puts it into the
 * inbox. So it costs the one write that the step costs anyway, and not one of its own before.
 */
export class OfferedSignal {
  /** Whether it is taken: what it changes is on record, if it changes anything. */
  readonly isTaken: Promise<boolean>;
  #settle: (isTaken: boolean) => void = () => undefined;
  #isHeld = false;

  constructor(readonly signal: Signal) {
    this.isTaken = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Whether somebody has it who will settle it, or has. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  hold(): void {
    this.#isHeld = true;
  }

  /** Once: what comes later changes nothing. */
  settle(how: 'taken' | 'left'): void {
    this.#settle(how === 'taken');
  }
}
