import { FlowError } from '@app/errors';

/** A text that is no CESQL expression (CESQL 3.3, ParseError). The only thing this lib throws. */
export class CesqlParseError extends FlowError {
  readonly code = 'CESQL_INVALID';
  readonly kind = 'invalid';

  /**
   * @param offset where it is wrong, in UTF-16 code units from the beginning; the length of the text if
   * something is missing at its end
   */
  constructor(
    readonly reason: string,
    readonly offset: number,
  ) {
    super(`${reason} (at character ${offset + 1})`);
  }
}

/** The errors of an evaluation, by the names of CESQL 3.3; a ParseError is thrown instead. */
export type CesqlErrorKind =
  'math' | 'cast' | 'missing-attribute' | 'missing-function' | 'function-evaluation' | 'generic';

/** The error of an evaluation, which has a value all the same (CESQL 3.3). */
export interface CesqlError {
  readonly kind: CesqlErrorKind;
  /** Shows no more than the beginning of a value. */
  readonly detail: string;
  /** Of the part of the expression, in UTF-16 code units. */
  readonly offset: number;
}
