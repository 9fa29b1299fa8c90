import { type CesqlFunctions } from '../functions/cesql-functions.js';
import { type CesqlType, type CesqlValue } from '../cesql-value.js';
import { type Run } from '../run.js';
import { type SyntaxNode } from '../syntax.js';

/**
 * A part of an expression, ready to be evaluated. Undefined says that it failed; then whatever it is a
 * part of has failed, too, and nothing more is evaluated (CESQL 4.1, fail fast mode).
 */
export type Evaluate = (run: Run) => CesqlValue | undefined;

export interface Compiled {
  /** `any` of an attribute, whose type only the event knows. */
  readonly type: CesqlType | 'any';
  readonly evaluate: Evaluate;
}

/** What compiling one node needs of the others. */
export interface CompileContext {
  readonly compile: (node: SyntaxNode) => Compiled;
  readonly functions: CesqlFunctions;
  /** Tells of a call that no function answers, which a user wants to know before an event comes. */
  readonly warn: (reason: string, offset: number) => void;
}
