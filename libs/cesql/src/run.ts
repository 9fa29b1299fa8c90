import { type CesqlAttributes, type CesqlValue } from './cesql-value.js';
import { type CesqlError } from './errors.js';

export interface Failure {
  readonly error: CesqlError;
  /** What the function that failed gives all the same, if that is not the zero value of its type. */
  readonly value?: CesqlValue;
}

/** One evaluation: what it sees, what went wrong, and how much it may still do. */
export class Run {
  failure: Failure | undefined;
  #workChars = 0;

  constructor(
    readonly attributes: CesqlAttributes,
    private readonly workCharsMax: number,
  ) {}

  /** Of what has been asked for so far. */
  get workChars(): number {
    return this.#workChars;
  }

  /** The part that calls this evaluates to undefined. */
  fail(error: CesqlError, value?: CesqlValue): void {
    this.failure ??= value === undefined ? { error } : { error, value };
  }

  /** Takes work from what is left; if that is not enough, the evaluation has failed. */
  affords(chars: number, offset: number): boolean {
    this.#workChars += chars;
    if (this.#workChars <= this.workCharsMax) return true;
    this.fail({ kind: 'generic', detail: 'The evaluation is too much work', offset });
    return false;
  }
}
