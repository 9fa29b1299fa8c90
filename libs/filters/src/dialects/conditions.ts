import {
  isJsonContainer,
  isJsonObject,
  isSameJson,
  type JsonObject,
  type JsonValue,
} from '@app/json';
import { re2Patterns } from '@app/patterns';
import { all, type Check, type Clause, leaf } from '../clause.js';
import { allOrNone, type Compilation } from '../compilation.js';
import { type JsonPath, parseJsonPath } from '../json-path.js';

const MEMBERS = ['field', 'operation', 'value', 'values'];

/** Whether one of the values that the path found will do. */
type Test = (found: JsonValue) => boolean;

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
  const { nodesMax } = compilation.limits;
  return leaf({ path, wants: value, ofData: true }, (subject): Check => {
    const found = field.find(subject, nodesMax);
    const [first] = found;
    if (first === undefined) return { holds: false, reason: 'the path finds nothing' };
    const fitting = found.find(test);
    return { holds: fitting !== undefined, saw: fitting ?? first };
  });
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
  const text = compilation.text(value, path);
  if (text === null) return null;
  const pattern = re2Patterns(text);
  if (pattern.kind === 'too-large')
    return compilation.wrong(path, 'is a pattern of too many steps; make its repetitions smaller');
  if (pattern.kind === 'invalid')
    return compilation.wrong(path, `must be a pattern in RE2's syntax: ${pattern.detail}`);
  const { patternStepsMax } = compilation.limits;
  return (found) => {
    const subject = scalarText(found);
    if (subject === undefined || subject.length * pattern.size > patternStepsMax) return false;
    return pattern.matches(subject);
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
