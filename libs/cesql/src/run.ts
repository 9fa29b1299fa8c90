import { type CesqlAttributes, type CesqlValue } from './cesql-value.js';
import { type CesqlError } from './errors.js';

export interface Failure {
  readonly error: CesqlError;
  /** The value of the failed function, if it returned one. */
  readonly value?: CesqlValue;
}

/** One evaluation: the event's attributes, the first error, and the work that is left. */
export class Run {
  failure: Failure | undefined;
  #workChars = 0;

  constructor(
    readonly attributes: CesqlAttributes,
    private readonly workCharsMax: number,
  ) {}

  /** The number of characters spent so far. */
  get workChars(): number {
    return this.#workChars;
  }

  /** Fails the evaluation: the part that calls this evaluates to undefined. */
  fail(error: CesqlError, value?: CesqlValue): void {
    this.failure ??= value === undefined ? { error } : { error, value };
  }

  /** Spends work; if not enough is left, the evaluation fails. */
  affords(chars: number, offset: number): boolean {
    this.#workChars += chars;
    if (this.#workChars <= this.workCharsMax) return true;
    this.fail({ kind: 'generic', detail: 'The evaluation is too much work', offset });
    return false;
  }
}
