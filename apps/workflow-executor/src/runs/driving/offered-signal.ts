import { type Signal } from '@app/workflow-engine';

/**
 * A signal that is offered to a driver without being written to the inbox first. The commit of the step that it causes
 * records it, which saves a write. If it is not taken, the caller writes it to the inbox.
 */
export class OfferedSignal {
  /** Resolves to true when the effect of the signal, if any, is on record; to false when no driver took it. */
  readonly isTaken: Promise<boolean>;
  #settle: (isTaken: boolean) => void = () => undefined;
  #isHeld = false;

  constructor(readonly signal: Signal) {
    this.isTaken = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Whether a driver or `ActiveRuns` has it, and will settle it or has settled it. */
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
