import { isEqual, toBoolean, toInteger, toText } from '../casts.js';
import { cesqlTypeOf } from '../cesql-value.js';
import { type CesqlFunctions } from '../functions/cesql-functions.js';
import { likePattern } from '../like-pattern.js';
import { type SyntaxNode } from '../syntax.js';
import { compileCall } from './calls.js';
import { type Compiled, type CompileContext, type Evaluate } from './compiled.js';
import { compileChain, inRange } from './operators.js';

/** Compiles a syntax tree into a function. All that does not depend on the event is computed here, once. */
export function compile(
  node: SyntaxNode,
  functions: CesqlFunctions,
  warn: CompileContext['warn'],
): Compiled {
  const context: CompileContext = {
    functions,
    warn,
    compile: (inner) => compileNode(inner, context),
  };
  return context.compile(node);
}

function compileNode(node: SyntaxNode, context: CompileContext): Compiled {
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      return { type: cesqlTypeOf(value), evaluate: () => value };
    }
    case 'attribute':
      return attribute(node.name, node.start);
    case 'exists': {
      const { name } = node;
      return { type: 'boolean', evaluate: (run) => run.attributes(name) !== undefined };
    }
    case 'not':
    case 'minus':
      return unary(node, context);
    case 'like':
      return like(node, context);
    case 'in':
      return isIn(node, context);
    case 'call':
      return compileCall(node, context);
    case 'chain':
      return compileChain(node, context);
  }
}

/** Compiles an attribute (CESQL 3.2). One that the event lacks is an error. */
function attribute(name: string, offset: number): Compiled {
  const detail = `The event has no attribute ${name}`;
  const error = { kind: 'missing-attribute', detail, offset } as const;
  const evaluate: Evaluate = (run) => {
    const value = run.attributes(name);
    if (value === undefined) run.fail(error);
    return value;
  };
  return { type: 'any', evaluate };
}

/** Compiles `NOT` and `-` (CESQL 3.4.1). */
function unary(
  { kind, operand, start }: Extract<SyntaxNode, { kind: 'not' | 'minus' }>,
  context: CompileContext,
): Compiled {
  const { evaluate: inner } = context.compile(operand);
  if (kind === 'not') {
    const evaluate: Evaluate = (run) => {
      const value = inner(run);
      const known = value === undefined ? undefined : toBoolean(value, run, start);
      return known === undefined ? undefined : !known;
    };
    return { type: 'boolean', evaluate };
  }
  const evaluate: Evaluate = (run) => {
    const value = inner(run);
    const number = value === undefined ? undefined : toInteger(value, run, start);
    return number === undefined ? undefined : inRange(-number, run, start);
  };
  return { type: 'integer', evaluate };
}

/** Compiles `LIKE` (CESQL 3.4.3). */
function like(
  { operand, negated, pattern, start }: Extract<SyntaxNode, { kind: 'like' }>,
  context: CompileContext,
): Compiled {
  const { evaluate: inner } = context.compile(operand);
  const compiled = likePattern(pattern);
  const evaluate: Evaluate = (run) => {
    const value = inner(run);
    if (value === undefined) return undefined;
    const text = toText(value);
    if (!run.affords(compiled.cost(text.length), start)) return undefined;
    return compiled.matches(text) !== negated;
  };
  return { type: 'boolean', evaluate };
}

/** Compiles `IN` (CESQL 3.4.5). Elements are evaluated from left to right, up to the first one that is equal. */
function isIn(
  { operand, negated, elements, start }: Extract<SyntaxNode, { kind: 'in' }>,
  context: CompileContext,
): Compiled {
  const { evaluate: inner } = context.compile(operand);
  const evaluations = elements.map((element) => context.compile(element).evaluate);
  const evaluate: Evaluate = (run) => {
    const value = inner(run);
    if (value === undefined) return undefined;
    for (const element of evaluations) {
      const other = element(run);
      const equal = other === undefined ? undefined : isEqual(other, value, run, start);
      if (equal === undefined) return undefined;
      if (equal) return !negated;
    }
    return negated;
  };
  return { type: 'boolean', evaluate };
}
