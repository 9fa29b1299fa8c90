import { CesqlExpression, CesqlParseError } from '@app/cesql';
import { type JsonValue } from '@app/json';
import { type Clause, leaf } from '../clause.js';
import { type Compilation } from '../compilation.js';

/**
 * `sql` (CloudEvents Subscriptions, 3.2.4.1.2): an expression in CESQL. It holds if its value is true and no
 * error came up. What could never be true is refused: a call of no function, a value that is no boolean.
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
  return leaf({ path, wants: value }, ({ attribute }) => {
    const { value: saw, error } = expression.evaluate(attribute);
    if (!error) return { holds: saw === true, saw };
    return { holds: false, reason: `${error.detail} (at character ${error.offset + 1})` };
  });
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
