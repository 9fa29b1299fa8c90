/**
 * The steps that several walks together may still spend, such as those of all filters on one event. Work is counted, not timed, so the answer is the
 * same on any machine.
 */
export class StepBudget {
  #taken = 0;

  /** False when fewer than these are left of `stepsMax`; then nothing is spent. */
  take(steps: number, stepsMax: number): boolean {
    if (this.#taken + steps > stepsMax) return false;
    this.#taken += steps;
    return true;
  }

  /**
   * Spends all that is left: for a walk that had to read something to learn that it costs too much, so that no other
   * one reads it again.
   */
  takeAll(stepsMax: number): void {
    this.#taken = Math.max(this.#taken, stepsMax);
  }

  left(stepsMax: number): number {
    return Math.max(0, stepsMax - this.#taken);
  }
}
