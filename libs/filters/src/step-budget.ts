import { type JsonValue } from '@app/json';

/** The result of one comparison, expression or condition of a filter. */
export interface Check {
  readonly holds: boolean;
  /** What it looked at; absent if there was nothing. */
  readonly saw?: JsonValue;
  /** Why it does not hold, if `saw` does not show that. */
  readonly reason?: string;
}

/** The fixed cost of each clause: it is looked up, and its result is stored. */
export const CLAUSE_STEPS = 8;

/**
 * The steps that all filters together may still spend on one event. Work is counted, not timed, so the answer is the
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

/** The result of a clause that would cost more than is left. */
export function beyondSteps(stepsMax: number, saw?: Check['saw']): Check {
  const reason = `all filters together may take ${stepsMax} steps for one event (FILTER_STEPS_MAX), and this is beyond`;
  return { holds: false, reason, ...(saw !== undefined && { saw }) };
}
