import {
  isJsonContainer,
  isJsonObject,
  isSameJson,
  type JsonObject,
  type JsonValue,
} from '@app/json';
import { type Check } from '../check.js';
import { all, type Clause, leaf } from '../clause.js';
import { allOrNone, type Compilation } from '../compilation.js';
import { type FilterSubject } from '../filter-subject.js';
import { type JsonPath, parseJsonPath } from '../json-path.js';

const MEMBERS = ['field', 'operation', 'value', 'values'];

/** Whether one of the values that the path found will do; `beyond` if that would take more than the event may. */
type Test = (found: JsonValue, subject: FilterSubject) => boolean | 'beyond';

/**
 * `conditions`: Boomerang's list of `{field, operation, value | values}`, all of which must hold. `field` is a
 * JSONPath into the event in its JSON format, so data is below `$.data`. A condition holds if one of
 * the values that are found will do; where nothing is found, none does.
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
    if (!MEMBERS.includes(name)) compilation.wrong(`${path}.${name}`, 'is not a known member');
  const field = compileField(value['field'], `${path}.field`, compilation);
  const test = compileTest(value, path, compilation);
  if (!field || !test) return null;
  const check = checkOf(field, test, compilation);
  const isCostly = value['operation'] === 'matches';
  return leaf({ path, wants: value, ofData: true }, (subject) =>
    isCostly ? subject.once(check, () => check(subject)) : check(subject),
  );
}

function checkOf(
  field: JsonPath,
  test: Test,
  { limits: { nodesMax, patternStepsMax } }: Compilation,
): (subject: FilterSubject) => Check {
  return (subject) => {
    const found = field.find(subject, nodesMax);
    const [first] = found;
    if (first === undefined) return { holds: false, reason: 'the path finds nothing' };
    let isBeyond = false;
    for (const saw of found) {
      const fits = test(saw, subject);
      if (fits === true) return { holds: true, saw };
      isBeyond ||= fits === 'beyond';
    }
    if (!isBeyond) return { holds: false, saw: first };
    const reason = `the patterns of all filters may take ${patternStepsMax} steps for one event, and this is beyond`;
    return { holds: false, saw: first, reason };
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

function compileTest(
  { operation, value, values }: JsonObject,
  path: string,
  compilation: Compilation,
): Test | null {
  if (operation === 'matches') return compileMatch(value, `${path}.value`, compilation);
  if (operation === 'in') {
    const list = compilation.list(values, `${path}.values`, 'value');
    return list && ((found) => list.some((one) => isEqual(found, one)));
  }
  if (operation !== 'equals')
    return compilation.wrong(`${path}.operation`, 'must be equals, matches or in');
  if (value === undefined) return compilation.wrong(`${path}.value`, 'must be there');
  return (found) => isEqual(found, value);
}

/** The whole text must match; what is no text counts as its JSON. */
function compileMatch(
  value: JsonValue | undefined,
  path: string,
  compilation: Compilation,
): Test | null {
  const pattern = compilation.pattern(value, path);
  if (pattern === null) return null;
  const { patternStepsMax } = compilation.limits;
  return (found, subject) => {
    const text = scalarText(found);
    if (text === undefined) return false;
    if (!subject.mayMatch(pattern.size * (text.length + 1), patternStepsMax)) return 'beyond';
    return pattern.matches(text);
  };
}

/** By value; and because conditions of old are texts, a text is equal to what is written like it. */
function isEqual(found: JsonValue, wanted: JsonValue): boolean {
  if (typeof wanted === 'string') return scalarText(found) === wanted;
  return isSameJson(found, wanted);
}

function scalarText(value: JsonValue): string | undefined {
  return isJsonContainer(value) ? undefined : String(value);
}
