import { hintFor } from '@app/errors';
import { castTo } from '../casts.js';
import { cesqlTypeOf, type CesqlValue } from '../cesql-value.js';
import { type CesqlError } from '../errors.js';
import { type CesqlFunction, type Fail } from '../functions/cesql-function.js';
import { type Run } from '../run.js';
import { type SyntaxNode } from '../syntax.js';
import { type Compiled, type CompileContext, type Evaluate } from './compiled.js';

type CallNode = Extract<SyntaxNode, { kind: 'call' }>;

/** Compiles a call of a function (CESQL 3.5). */
export function compileCall(node: CallNode, context: CompileContext): Compiled {
  const { name, args, start } = node;
  const found = context.functions.find(name, args.length);
  if (!found) return missing(node, context);
  const evaluations = args.map((arg) => context.compile(arg).evaluate);
  return { type: found.returns, evaluate: (run) => call(found, evaluations, run, start) };
}

function missing({ name, args, start }: CallNode, { functions, warn }: CompileContext): Compiled {
  const usage = functions.usageOf(name);
  const detail =
    usage === undefined
      ? `There is no function ${name}${hintFor(name, functions.names)}`
      : `${name} takes ${usage} arguments, not ${args.length}`;
  warn(detail, start);
  const error = { kind: 'missing-function', detail, offset: start } as const;
  const evaluate: Evaluate = (run) => {
    run.fail(error);
    return undefined;
  };
  return { type: 'boolean', evaluate };
}

function call(
  definition: CesqlFunction,
  evaluations: readonly Evaluate[],
  run: Run,
  offset: number,
): CesqlValue | undefined {
  const { name, parameters, more } = definition;
  const args: CesqlValue[] = [];
  let chars = 0;
  for (const [index, evaluate] of evaluations.entries()) {
    const value = evaluate(run);
    if (value === undefined) return undefined;
    const arg = castTo(parameters[index] ?? more ?? 'string', value, run, offset);
    if (arg === undefined) return undefined;
    args.push(arg);
    chars += lengthOf(arg);
  }
  // The delimiter is read once for each text; all other arguments are read once.
  if (name === 'CONCAT_WS') chars += lengthOf(args[0]) * args.length;
  return run.affords(chars, offset) ? result(definition, args, run, offset) : undefined;
}

function result(
  { name, returns, call: invoke }: CesqlFunction,
  args: readonly CesqlValue[],
  run: Run,
  offset: number,
): CesqlValue | undefined {
  let flaw: CesqlError | undefined;
  const fail: Fail = (detail, kind = 'function-evaluation') => {
    flaw ??= { kind, detail, offset };
  };
  let value: CesqlValue | undefined;
  try {
    value = invoke(args, fail);
  } catch {
    // An added function may be defective. The evaluation must end with an error and not throw (CESQL 3.5.3).
    fail(`${name} threw an error`);
  }
  if (value !== undefined && cesqlTypeOf(value) !== returns) {
    fail(`${name} did not return a value of the type ${returns}`);
    value = undefined;
  }
  if (!flaw) return value;
  run.fail(flaw, value);
  return undefined;
}

function lengthOf(value: CesqlValue | undefined): number {
  return typeof value === 'string' ? value.length : 0;
}
