import { type StepBudget } from '../step-budget.js';

/** What it takes to come to a value, in steps of a pattern: 0.2 to 0.5 µs were measured, and half of it of patterns. */
const STEPS_A_VALUE = 2;

/**
 * One walk of a path through an event. It pays for each value that it comes to, before it looks at it, and
 * for as much of a value as it has to look at;
 * without steps it ends, and what it has found does not count. How many members an object has shows only once they are
 * listed, so a walk that ends leaves no steps to others, who would list them again.
 */
export class Walk {
  #isBeyond = false;

  constructor(
    private readonly budget: StepBudget,
    private readonly stepsMax: number,
  ) {}

  /** There were not enough steps for it. */
  get isBeyond(): boolean {
    return this.#isBeyond;
  }

  /** False when the walk has to end, now and whenever it is asked again. What is long counts as several values. */
  may(values = 1): boolean {
    if (!this.#isBeyond && this.budget.take(values * STEPS_A_VALUE, this.stepsMax)) return true;
    if (!this.#isBeyond) this.budget.takeAll(this.stepsMax);
    this.#isBeyond = true;
    return false;
  }
}
