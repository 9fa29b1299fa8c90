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

/** The value of an expression for an event, and what went wrong, if anything did (CESQL 3.3). */
export interface CesqlResult {
  readonly value: CesqlValue;
  readonly error?: CesqlError;
  /** Characters that it looked at or made; more than it may if that is the error. */
  readonly workChars: number;
}

/** An expression that parses, and can't be evaluated: it calls an unknown function. */
export interface CesqlWarning {
  readonly reason: string;
  /** In UTF-16 code units. */
  readonly offset: number;
}

/** A CESQL expression, compiled: evaluated as often as wanted, for one event at a time. */
export class CesqlExpression {
  readonly #syntax: SyntaxNode;
  readonly #evaluate: Evaluate;

  /** Of its value; `any` if it is that of an attribute. */
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
   * Never throws (unless `attributes` does). With an error the evaluation ends, the fail fast mode of
   * CESQL 4.1; the value is what the failed function gives if it is the whole expression, else the zero
   * value of the expression's type.
   *
   * @param workCharsMax characters that it may look at or make, where that is less than the limits say
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
