import {
  compareNumbers,
  type ExactNumber,
  isJsonArray,
  isJsonNumber,
  type JsonValue,
} from '@app/json';
import { StepBudget } from '@app/json-path';
import {
  DESCRIPTION_CHARS_MAX,
  PARAM_ENUM_MAX,
  PARAM_VALUE_CHARS_MAX,
  PATTERN_SIZE_MAX,
} from '../bounds.js';
import { PARAM_TYPES, type ParamSpec, type ParamType } from '../definition/definition.js';
import { paramNameProblem } from '../definition/names.js';
import { type PatternCompiler, tooLargeDetail } from '../definition/pattern.js';
import { mayHaveExpression } from '../parameters/expression.js';
import { isSecretName } from '../parameters/reference.js';
import { type TypedParam, typedParams, valueProblem } from '../parameters/typed-params.js';
import { Members } from './members.js';
import { type ProblemList } from './problem-list.js';

const MEMBERS = [
  ...['name', 'description', 'required', 'default'],
  ...['type', 'enum', 'pattern', 'min', 'max', 'secret'],
];

/** The types that have a size, so that `min` and `max` mean something. */
const SIZED: readonly ParamType[] = ['number', 'integer', 'string', 'array'];

const DEFAULT_AS_WRITTEN =
  'is used as it is written, so no $(...) in it is replaced; write $(default(params.NAME, params.OTHER)) where the ' +
  'parameter is used';

const ANY_SIZE = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** Reads what an untrusted definition says of one parameter; `checkParamSpecs` checks the rest. */
export function readParamSpec(input: unknown, path: string, problems: ProblemList): ParamSpec {
  const members = new Members(input, path, MEMBERS, problems);
  members.require('name');
  const name = members.name('name', paramNameProblem);
  const description = members.text('description', DESCRIPTION_CHARS_MAX);
  const required = members.flag('required');
  const fallback = members.json('default', PARAM_VALUE_CHARS_MAX);
  const type = members.oneOf('type', PARAM_TYPES);
  const pattern = members.text('pattern', PATTERN_SIZE_MAX);
  if (pattern !== undefined && type !== 'string') members.reject('pattern', 'is for type: string');
  const allowed = readEnum(members);
  const [min, max] = [readBound(members, 'min', type), readBound(members, 'max', type)];
  if (min !== undefined && max !== undefined && compareNumbers(min, max) > 0) {
    members.reject('min', `must not be more than max, which is ${String(max)}`);
  }
  const secret = members.flag('secret') === true;
  if (secret) checkSecret(members, name, type);
  return {
    name,
    ...(secret && { secret }),
    ...(description !== undefined && { description }),
    ...(type !== undefined && { type }),
    ...(allowed !== undefined && { enum: allowed }),
    ...(pattern !== undefined && { pattern }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(required !== undefined && { required }),
    ...(fallback !== undefined && { default: fallback }),
  };
}

function checkSecret(members: Members, name: string, type: ParamType | undefined): void {
  if (type !== 'string') members.reject('secret', 'is for type: string');
  if (!isSecretName(name)) {
    members.reject(
      'secret',
      'needs a name of at most 64 letters, digits, "-" and "_", a letter first',
    );
  }
  for (const member of ['default', 'enum', 'pattern', 'min', 'max']) {
    members.reject(member, "can't be said of a secret parameter");
  }
}

function readEnum(members: Members): ParamSpec['enum'] {
  const values = members.json('enum', PARAM_VALUE_CHARS_MAX);
  if (values === undefined) return undefined;
  if (isJsonArray(values) && values.length >= 1 && values.length <= PARAM_ENUM_MAX) return values;
  members.reject('enum', `must be an array of 1 to ${PARAM_ENUM_MAX} values`);
  return undefined;
}

function readBound(
  members: Members,
  name: 'min' | 'max',
  type: ParamType | undefined,
): number | ExactNumber | undefined {
  if (type === undefined || !SIZED.includes(type)) {
    members.reject(name, `is for type: ${SIZED.join(', ')}`);
    return undefined;
  }
  const isValue = type === 'number' || type === 'integer';
  if (!isValue) return members.integer(name, ANY_SIZE);
  const value = members.value(name);
  if (isJsonNumber(value)) return value;
  members.reject(name, 'must be a number');
  return undefined;
}

/** Checks the patterns of declared parameters, and that their defaults and allowed values are valid themselves. */
export function checkParamSpecs(
  specs: readonly ParamSpec[],
  patterns: PatternCompiler,
  problems: ProblemList,
): void {
  const steps = new StepBudget();
  for (const [at, spec] of specs.entries()) {
    const path = `params[${at}]`;
    const pattern = spec.pattern === undefined ? undefined : patterns(spec.pattern);
    if (pattern?.kind === 'invalid') problems.add(`${path}.pattern`, pattern.detail);
    if (pattern?.kind === 'too-large') {
      problems.add(`${path}.pattern`, tooLargeDetail(pattern.size));
    }
    checkValues(spec, path, patterns, steps, problems);
  }
}

/** Checks the default, and the values of the enumeration against all but the enumeration itself. */
function checkValues(
  spec: ParamSpec,
  path: string,
  patterns: PatternCompiler,
  steps: StepBudget,
  problems: ProblemList,
): void {
  const { enum: allowed = [], ...rest } = spec;
  const check = (param: TypedParam | undefined, value: JsonValue, at: string): void => {
    const problem = param && valueProblem(param, value, steps);
    if (problem !== undefined) problems.add(at, problem);
  };
  const [ofRest] = typedParams([rest], patterns);
  for (const [at, value] of allowed.entries()) check(ofRest, value, `${path}.enum[${at}]`);
  const [typed] = typedParams([spec], patterns);
  if (spec.default === undefined) return;
  check(typed, spec.default, `${path}.default`);
  if (mayHaveExpression(spec.default)) problems.add(`${path}.default`, DEFAULT_AS_WRITTEN);
}
