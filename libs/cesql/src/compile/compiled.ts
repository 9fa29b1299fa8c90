import { type CesqlFunctions } from '../functions/cesql-functions.js';
import { type CesqlType, type CesqlValue } from '../cesql-value.js';
import { type Run } from '../run.js';
import { type SyntaxNode } from '../syntax.js';

/**
 * A compiled part of an expression. It returns undefined if it failed: then the whole expression has failed, and
 * nothing more is evaluated (CESQL 4.1, fail fast mode).
 */
export type Evaluate = (run: Run) => CesqlValue | undefined;

export interface Compiled {
  /** `any` for an attribute, whose type is known only with the event. */
  readonly type: CesqlType | 'any';
  readonly evaluate: Evaluate;
}

/** What the compilation of a node needs. */
export interface CompileContext {
  readonly compile: (node: SyntaxNode) => Compiled;
  readonly functions: CesqlFunctions;
  /** Reports a call that will fail, so that the author of the expression learns of it before the first event. */
  readonly warn: (reason: string, offset: number) => void;
}
