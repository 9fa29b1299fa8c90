import { unknownMember } from '@app/errors';
import { isJsonObject, type JsonValue } from '@app/json';
import { beyondSteps, type Check, CLAUSE_STEPS } from '../check.js';
import { all, type Clause, leaf } from '../clause.js';
import { allOrNone, type Compilation } from '../compilation.js';
import { type FilterSubject } from '../filter-subject.js';
import { type JsonPath, parseJsonPath, Walk } from '@app/json-path';
import { type Operation, operationOf } from './operations.js';

const MEMBERS = ['field', 'operation', 'value', 'values'];

/**
 * `conditions`: Boomerang's list of `{field, operation, value | values}`, all of which must hold. `field` is a
 * JSONPath into the event in its JSON format, so data is below `$.data`. A condition holds if it holds for one of the
 * values found; if none is found, it does not hold.
 */
export function compileConditions(
  value: JsonValue | undefined,
  path: string,
  compilation: Compilation,
): Clause | null {
  const list = compilation.list(value, path, 'condition');
  const clauses =
    list && list.map((one, at) => compileCondition(one, `${path}[${at}]`, compilation));
  const compiled = clauses && allOrNone(clauses);
  return compiled && all(compiled);
}

function compileCondition(value: JsonValue, path: string, compilation: Compilation): Clause | null {
  if (!compilation.mayAdd(path)) return null;
  if (!isJsonObject(value))
    return compilation.wrong(path, 'must be an object with "field" and "operation"');
  for (const name of Object.keys(value))
    if (!MEMBERS.includes(name)) compilation.wrong(`${path}.${name}`, unknownMember(name, MEMBERS));
  const field = compileField(value['field'], `${path}.field`, compilation);
  const operation = operationOf(value, path, compilation);
  if (!field || !operation) return null;
  const check = checkOf(field, operation, compilation);
  return leaf({ path, wants: value, ofData: true }, (subject) =>
    subject.once(check, () => check(subject)),
  );
}

function checkOf(
  field: JsonPath,
  operation: Operation,
  { limits: { nodesMax, stepsMax } }: Compilation,
): (subject: FilterSubject) => Check {
  return ({ steps, document }) => {
    if (!steps.take(CLAUSE_STEPS, stepsMax)) return beyondSteps(stepsMax);
    const walk = new Walk(steps, stepsMax);
    const found = field.find(document, walk, nodesMax);
    if (walk.isBeyond) return beyondSteps(stepsMax);
    const [first] = found;
    if (first === undefined) return { holds: false, reason: 'the path finds nothing' };
    const comparing = new Walk(steps, stepsMax);
    let isBeyond = false;
    for (const saw of found) {
      if (!steps.take(operation.steps(saw), stepsMax)) isBeyond = true;
      else if (operation.holds(saw, comparing) && !comparing.isBeyond) return { holds: true, saw };
    }
    if (isBeyond || comparing.isBeyond) return beyondSteps(stepsMax, first);
    return { holds: false, saw: first };
  };
}

function compileField(
  value: JsonValue | undefined,
  path: string,
  compilation: Compilation,
): JsonPath | null {
  const text = compilation.text(value, path);
  if (text === null) return null;
  const parsed = parseJsonPath(text);
  if ('find' in parsed) return parsed;
  return compilation.wrong(
    path,
    `must be a JSONPath (RFC 9535): ${parsed.reason} (at character ${parsed.offset + 1})`,
  );
}
