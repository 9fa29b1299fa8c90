import { type JsonValue } from '@app/json';

/** What one comparison, expression or condition of a filter came to. */
export interface Check {
  readonly holds: boolean;
  /** What it looked at; absent if there was nothing. */
  readonly saw?: JsonValue;
  /** Why it does not hold, where that is not plain from what it saw. */
  readonly reason?: string;
}

/** What each clause takes besides: it is looked up, and what it came to is remembered. */
export const CLAUSE_STEPS = 8;

/** The steps that all filters together may still take for one event. Work is counted, so the answer is the same on any machine. */
export class StepBudget {
  #taken = 0;

  /** False when it is more than what is left of `stepsMax`; then nothing is taken. */
  take(steps: number, stepsMax: number): boolean {
    if (this.#taken + steps > stepsMax) return false;
    this.#taken += steps;
    return true;
  }

  /** Takes what is left. For whoever had to look at something to know that it takes more: nobody looks again. */
  takeAll(stepsMax: number): void {
    this.#taken = Math.max(this.#taken, stepsMax);
  }

  left(stepsMax: number): number {
    return Math.max(0, stepsMax - this.#taken);
  }
}

/** What a clause comes to that would take more. */
export function beyondSteps(stepsMax: number, saw?: Check['saw']): Check {
  const reason = `all filters together may take ${stepsMax} steps for one event (FILTER_STEPS_MAX), and this is beyond`;
  return { holds: false, reason, ...(saw !== undefined && { saw }) };
}
