import { isEqual, toBoolean, toInteger } from '../casts.js';
import { type CesqlValue, INTEGER_MAX, INTEGER_MIN } from '../cesql-value.js';
import { type Run } from '../run.js';
import {
  type ArithmeticOperator,
  type BinaryOperator,
  type ChainNode,
  type ComparisonOperator,
} from '../syntax.js';
import { type Compiled, type CompileContext, type Evaluate } from './compiled.js';

/** Applies one binary operator to the value of its left operand. */
type Step = (left: CesqlValue, run: Run) => CesqlValue | undefined;

/** Compiles binary operators (CESQL 3.4.2), evaluated from left to right. A long chain is a loop and no recursion. */
export function compileChain({ first, rest }: ChainNode, context: CompileContext): Compiled {
  const { evaluate: begin } = context.compile(first);
  const steps = rest.map(({ operator, operand, offset }) =>
    stepOf(operator, context.compile(operand).evaluate, offset),
  );
  const evaluate: Evaluate = (run) => {
    let value = begin(run);
    for (const step of steps) {
      if (value === undefined) return undefined;
      value = step(value, run);
    }
    return value;
  };
  return {
    type: rest.some(({ operator }) => isArithmetic(operator)) ? 'integer' : 'boolean',
    evaluate,
  };
}

function stepOf(operator: BinaryOperator, right: Evaluate, offset: number): Step {
  if (isArithmetic(operator)) return arithmetic(operator, right, offset);
  switch (operator) {
    case 'AND':
      return shortCircuit(false, right, offset);
    case 'OR':
      return shortCircuit(true, right, offset);
    case 'XOR':
      return ofBoth(right, toBoolean, offset, (left, value) => left !== value);
    case '=':
      return equality(right, true, offset);
    case '!=':
    case '<>':
      return equality(right, false, offset);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ofBoth(right, toInteger, offset, (left, value) => isOrdered(operator, left, value));
  }
}

/** `false` decides AND and `true` decides OR (`settling`); the right operand is then not evaluated. */
function shortCircuit(settling: boolean, right: Evaluate, offset: number): Step {
  return (left, run) => {
    const known = toBoolean(left, run, offset);
    if (known === undefined || known === settling) return known;
    const value = right(run);
    return value === undefined ? undefined : toBoolean(value, run, offset);
  };
}

/** An operator with one type, to which both operands are cast (CESQL 3.7). */
function ofBoth<T extends CesqlValue>(
  right: Evaluate,
  cast: (value: CesqlValue, run: Run, offset: number) => T | undefined,
  offset: number,
  result: (left: T, right: T, run: Run) => CesqlValue | undefined,
): Step {
  return (left, run) => {
    const value = right(run);
    if (value === undefined) return undefined;
    const [a, b] = [cast(left, run, offset), cast(value, run, offset)];
    return a === undefined || b === undefined ? undefined : result(a, b, run);
  };
}

/** Equality casts the left operand to the type of the right one (CESQL 3.7). */
function equality(right: Evaluate, wanted: boolean, offset: number): Step {
  return (left, run) => {
    const value = right(run);
    const equal = value === undefined ? undefined : isEqual(left, value, run, offset);
    return equal === undefined ? undefined : equal === wanted;
  };
}

type OrderOperator = Exclude<ComparisonOperator, '=' | '!=' | '<>'>;

function isOrdered(operator: OrderOperator, left: number, right: number): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function arithmetic(operator: ArithmeticOperator, right: Evaluate, offset: number): Step {
  return ofBoth(right, toInteger, offset, (left, value, run) =>
    inRange(calculate(operator, left, value), run, offset),
  );
}

/** NaN for a division by zero. A product that a double would round is out of range anyway. */
function calculate(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? NaN : Math.trunc(left / right);
    case '%':
      return right === 0 ? NaN : left % right;
  }
}

/** Checks the range of a result. The specification does not define an overflow; here it is an error of the kind `math`. */
export function inRange(result: number, run: Run, offset: number): number | undefined {
  if (result >= INTEGER_MIN && result <= INTEGER_MAX) return result + 0;
  const detail = Number.isNaN(result) ? 'A division by zero' : 'A result beyond 32 bits';
  run.fail({ kind: 'math', detail, offset });
  return undefined;
}

function isArithmetic(operator: BinaryOperator): operator is ArithmeticOperator {
  return ['+', '-', '*', '/', '%'].includes(operator);
}
