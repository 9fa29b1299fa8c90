import { type CesqlAttributes, type CesqlType, type CesqlValue, zeroOf } from './cesql-value.js';
import { type CesqlLimits, DEFAULT_CESQL_LIMITS } from './cesql-limits.js';
import { compile } from './compile/compile.js';
import { type Evaluate } from './compile/compiled.js';
import { type CesqlError } from './errors.js';
import { CesqlFunctions } from './functions/cesql-functions.js';
import { parseSyntax } from './parser.js';
import { Run } from './run.js';
import { type SyntaxNode } from './syntax.js';

const BUILT_IN = new CesqlFunctions();

/** The value of an expression for an event, and the error if the evaluation failed (CESQL 3.3). */
export interface CesqlResult {
  readonly value: CesqlValue;
  readonly error?: CesqlError;
  /** The number of characters that the evaluation read or made; beyond the bound if that is the error. */
  readonly workChars: number;
}

/** A call in an expression that can't be evaluated: of an unknown function, or with a wrong number of arguments. */
export interface CesqlWarning {
  readonly reason: string;
  /** The position of the call, in UTF-16 code units. */
  readonly offset: number;
}

/** A compiled expression of the CloudEvents SQL Expression Language (CESQL) 1.0.0, to be evaluated for any number of events. */
export class CesqlExpression {
  readonly #syntax: SyntaxNode;
  readonly #evaluate: Evaluate;

  /** The type of its value; `any` if the expression is an attribute alone. */
  readonly type: CesqlType | 'any';
  readonly warnings: readonly CesqlWarning[];

  /** @throws CesqlParseError */
  constructor(
    readonly text: string,
    private readonly limits: CesqlLimits = DEFAULT_CESQL_LIMITS,
    functions: CesqlFunctions = BUILT_IN,
  ) {
    const warnings: CesqlWarning[] = [];
    this.#syntax = parseSyntax(text, limits);
    const { type, evaluate } = compile(this.#syntax, functions, (reason, offset) => {
      warnings.push({ reason, offset });
    });
    this.type = type;
    this.warnings = warnings;
    this.#evaluate = evaluate;
  }

  /**
   * Evaluates the expression for one event. Never throws, unless `attributes` does. The evaluation ends at the first
   * error (the fail fast mode of CESQL 4.1). The value is then the zero value of the expression's type, or, if the
   * whole expression is the call that failed, the value of that function.
   *
   * @param workCharsMax the most characters that it may read or make, instead of the limit of the expression
   */
  evaluate(
    attributes: CesqlAttributes,
    workCharsMax: number = this.limits.workCharsMax,
  ): CesqlResult {
    const run = new Run(attributes, workCharsMax);
    const value = this.#evaluate(run);
    const { failure, workChars } = run;
    if (value !== undefined) return { value, workChars };
    const zero = zeroOf(this.type === 'any' ? 'boolean' : this.type);
    if (!failure) return { value: zero, workChars };
    const { error } = failure;
    const ofWhole = this.#syntax.kind === 'call' && this.#syntax.start === error.offset;
    return { value: (ofWhole ? failure.value : undefined) ?? zero, error, workChars };
  }
}
