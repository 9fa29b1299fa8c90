import { CesqlExpression, CesqlParseError } from '@app/cesql';
import { type JsonValue } from '@app/json';
import { beyondSteps, type Check, CLAUSE_STEPS } from '../check.js';
import { type Clause, leaf } from '../clause.js';
import { type Compilation } from '../compilation.js';
import { type FilterLimits } from '../filter-limits.js';
import { type FilterSubject } from '../filter-subject.js';

/**
 * `sql` (CloudEvents Subscriptions, 3.2.4.1.2): an expression in CESQL. It holds if its value is true without an
 * error. An expression that can never be true is refused: one that calls an unknown function, or whose value is no
 * boolean.
 */
export function compileSql(
  value: JsonValue | undefined,
  path: string,
  compilation: Compilation,
): Clause | null {
  if (!compilation.mayAdd(path)) return null;
  if (typeof value !== 'string' || value === '')
    return compilation.wrong(path, 'must be an expression in CESQL');
  const expression = parsed(value, path, compilation);
  if (!expression) return null;
  return leaf({ path, wants: value }, (subject) =>
    subject.once(expression, () => evaluated(expression, subject, compilation.limits)),
  );
}

/** It may read as many characters as there are steps left, and spends one for each that it read. */
function evaluated(
  expression: CesqlExpression,
  { attribute, steps }: FilterSubject,
  { stepsMax, cesql: { workCharsMax } }: FilterLimits,
): Check {
  if (!steps.take(CLAUSE_STEPS + expression.text.length, stepsMax)) return beyondSteps(stepsMax);
  const left = steps.left(stepsMax);
  const result = expression.evaluate(attribute, Math.min(left, workCharsMax));
  const { value: saw, error, workChars } = result;
  steps.take(Math.min(workChars, left), stepsMax);
  if (workChars > left) return beyondSteps(stepsMax);
  if (!error) return { holds: saw === true, saw };
  return { holds: false, reason: `${error.detail} (at character ${error.offset + 1})` };
}

function parsed(text: string, path: string, compilation: Compilation): CesqlExpression | null {
  try {
    const expression = new CesqlExpression(text, compilation.limits.cesql);
    const { type, warnings } = expression;
    for (const { reason, offset } of warnings)
      compilation.wrong(path, `${reason} (at character ${offset + 1})`);
    if (type !== 'boolean' && type !== 'any')
      return compilation.wrong(path, `is always ${type}, and so never true`);
    return warnings.length > 0 ? null : expression;
  } catch (error) {
    if (error instanceof CesqlParseError) return compilation.wrong(path, error.message);
    throw error;
  }
}
