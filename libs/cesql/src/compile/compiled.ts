import { type CesqlFunctions } from '../functions/cesql-functions.js';
import { type CesqlType, type CesqlValue } from '../cesql-value.js';
import { type Run } from '../run.js';
import { type SyntaxNode } from '../syntax.js';

/**
 * A compiled part of an expression. Undefined means that it failed; then the whole expression has failed, and nothing
 * more is evaluated (CESQL 4.1, fail fast mode).
 */
export type Evaluate = (run: Run) => CesqlValue | undefined;

export interface Compiled {
  /** `any` for an attribute: its type is known only with the event. */
  readonly type: CesqlType | 'any';
  readonly evaluate: Evaluate;
}

/** What compiling a node needs of the other nodes. */
export interface CompileContext {
  readonly compile: (node: SyntaxNode) => Compiled;
  readonly functions: CesqlFunctions;
  /** Reports a call of an unknown function, so that its author hears of it before an event comes. */
  readonly warn: (reason: string, offset: number) => void;
}
