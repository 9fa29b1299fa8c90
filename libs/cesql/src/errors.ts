import { FlowError } from '@app/errors';

/** The text is not a CESQL expression (CESQL 3.3, ParseError). It is the only error of an expression that is thrown. */
export class CesqlParseError extends FlowError {
  readonly code = 'CESQL_INVALID';
  readonly kind = 'invalid';

  /**
   * @param offset the position of the error, in UTF-16 code units; the length of the text if something is missing at
   * its end
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

/** The error of an evaluation. The evaluation has a value nevertheless (CESQL 3.3). */
export interface CesqlError {
  readonly kind: CesqlErrorKind;
  /** The message. It quotes at most the first 40 characters of a value. */
  readonly detail: string;
  /** The position of the failed part of the expression, in UTF-16 code units. */
  readonly offset: number;
}
