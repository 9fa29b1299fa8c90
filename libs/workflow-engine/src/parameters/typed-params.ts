import {
  compareNumbers,
  ExactNumber,
  isJsonArray,
  isJsonNumber,
  isJsonObject,
  isSameJson,
  isWholeNumber,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  membersIn,
  memberOf,
  parseJsonWithin,
  toJsonText,
} from '@app/json';
import { StepBudget } from '@app/json-path';
import { PARAM_TEXT_JSON_LIMITS, PATTERN_STEPS_MAX, SECRET_CHARS_MAX } from '../bounds.js';
import { type ParamSpec, type ParamType } from '../definition/definition.js';
import { type Reference } from './reference.js';
import { type CompiledPattern, type PatternCompiler } from '../definition/pattern.js';

/** A declared parameter with a type or a constraint. */
export interface TypedParam {
  readonly spec: ParamSpec;
  /** The values of its enumeration, converted to its type. */
  readonly allowed?: readonly JsonValue[];
  readonly pattern?: CompiledPattern;
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** The most characters of the allowed values, or of a pattern, that a message shows. */
const SHOWN_CHARS_MAX = 200;

/** Those of the declared parameters that have a type or a constraint. */
export function typedParams(
  specs: readonly ParamSpec[],
  patterns: PatternCompiler,
): readonly TypedParam[] {
  return specs.filter(isTyped).map((spec) => ({
    spec,
    ...(spec.enum && { allowed: spec.enum.map((one) => convert(one, spec.type) ?? one) }),
    ...(spec.pattern !== undefined && { pattern: patterns(spec.pattern) }),
  }));
}

/** Whether it has a type or a constraint; another one takes every value as it is. */
export function isTyped({ type, enum: allowed }: ParamSpec): boolean {
  return type !== undefined || allowed !== undefined;
}

/** The names of the parameters that are secrets. */
export function secretParamsOf(specs: readonly ParamSpec[] = []): ReadonlySet<string> {
  return new Set(specs.filter(({ secret }) => secret === true).map(({ name }) => name));
}

/** Whether a reference is to a parameter that is a secret, whatever other layer might have a value of that name. */
export function isSecretParam({ from, name }: Reference, secrets: ReadonlySet<string>): boolean {
  return (from === 'params' || from === 'workflow') && secrets.has(name);
}

interface Given {
  readonly typed: readonly TypedParam[];
  readonly given: JsonObject;
}

/** What `givenParams` gave for the parameters of an event, as long as somebody has them: each step of a run asks for it. */
const GIVEN = new WeakMap<JsonObject, Given>();

/**
 * The parameters of an event as a run sees them: typed ones converted to their type, `null` of a type left out. A value
 * that can't be converted stays as it is. They are converted once for each object `params`.
 */
export function givenParams(typed: readonly TypedParam[], params: JsonObject): JsonObject {
  if (typed.length === 0) return params;
  const known = GIVEN.get(params);
  if (known?.typed === typed) return known.given;
  const given = converted(typed, params);
  GIVEN.set(params, { typed, given });
  return given;
}

function converted(typed: readonly TypedParam[], params: JsonObject): JsonObject {
  const byName = new Map(typed.map((param) => [param.spec.name, param]));
  const given = membersIn(params).flatMap(([name, value]): (readonly [string, JsonValue])[] => {
    const param = byName.get(name);
    const itsValue = param === undefined ? value : convert(value, param.spec.type);
    return itsValue === undefined ? [] : [[name, itsValue]];
  });
  return jsonObjectOf(given);
}

/**
 * What is wrong with the values that an event brings, a text for each parameter. Their patterns together take
 * `PATTERN_STEPS_MAX` steps at most. @param given of `givenParams`
 */
export function paramProblems(typed: readonly TypedParam[], given: JsonObject): readonly string[] {
  const steps = new StepBudget();
  return typed.flatMap((param) => {
    const { name } = param.spec;
    const value = memberOf(given, name);
    const problem = value === undefined ? undefined : convertedProblem(param, value, steps);
    return problem === undefined ? [] : [`"${name}" ${problem}`];
  });
}

/**
 * What is wrong with a value, converted or not; undefined for nothing.
 *
 * @param steps what patterns have taken of `PATTERN_STEPS_MAX`
 */
export function valueProblem(
  param: TypedParam,
  value: JsonValue,
  steps: StepBudget,
): string | undefined {
  const converted = convert(value, param.spec.type);
  return converted === undefined
    ? typeDetail(param.spec)
    : convertedProblem(param, converted, steps);
}

/**
 * A value in the type of its parameter, if nothing is lost by that; undefined for what is no value of a type: `null`, and
 * an empty text where the type is not `string`, as forms send it for a field that was left empty.
 */
export function convert(value: JsonValue, type: ParamType | undefined): JsonValue | undefined {
  if (type === undefined) return value;
  if (value === null) return undefined;
  if (type === 'string') {
    return isJsonNumber(value) || typeof value === 'boolean' ? String(value) : value;
  }
  if (value === '') return undefined;
  return typeof value === 'string' ? (read(value, type) ?? value) : value;
}

/** The value that a text stands for: forms and queries have nothing but texts. */
function read(text: string, type: Exclude<ParamType, 'string'>): JsonValue | undefined {
  switch (type) {
    case 'number':
    case 'integer':
      return JSON_NUMBER.test(text) ? ExactNumber.read(text) : undefined;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : undefined;
    case 'object':
    case 'array':
      return readJson(text);
  }
}

function readJson(text: string): JsonValue | undefined {
  try {
    const parse = parseJsonWithin(text, PARAM_TEXT_JSON_LIMITS);
    return parse.kind === 'parsed' ? parse.value : undefined;
  } catch {
    // A text that is no JSON is not of the type, which the caller reports.
    return undefined;
  }
}

function convertedProblem(
  param: TypedParam,
  value: JsonValue,
  steps: StepBudget,
): string | undefined {
  const { spec, allowed } = param;
  if (spec.type !== undefined && !IS_OF[spec.type](value)) return typeDetail(spec);
  if (allowed?.every((one) => !isSameJson(one, value))) return `must be one of ${listed(allowed)}`;
  return sizeProblem(spec, value) ?? patternProblem(param, value, steps);
}

const IS_OF: Readonly<Record<ParamType, (value: JsonValue) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: isJsonNumber,
  integer: (value) => isJsonNumber(value) && isWholeNumber(value),
  boolean: (value) => typeof value === 'boolean',
  object: isJsonObject,
  array: isJsonArray,
};

const TYPE_DETAILS: Readonly<Record<ParamType, string>> = {
  string: 'must be a text',
  number: 'must be a number',
  integer: 'must be a whole number',
  boolean: 'must be true or false',
  object: 'must be an object',
  array: 'must be an array',
};

function typeDetail({ type = 'string', secret }: ParamSpec): string {
  return secret === true
    ? `must be a text of at most ${SECRET_CHARS_MAX} characters`
    : TYPE_DETAILS[type];
}

function sizeProblem({ min, max }: ParamSpec, value: JsonValue): string | undefined {
  const [size, unit] = sizeOf(value);
  if (size === undefined) return undefined;
  if (min !== undefined && compareNumbers(size, min) < 0)
    return `must ${unit[0]} at least ${String(min)}${unit[1]}`;
  if (max !== undefined && compareNumbers(size, max) > 0)
    return `must ${unit[0]} at most ${String(max)}${unit[1]}`;
  return undefined;
}

function sizeOf(
  value: JsonValue,
): readonly [size: number | ExactNumber | undefined, unit: readonly [verb: string, unit: string]] {
  if (typeof value === 'string') return [value.length, ['have', ' characters']];
  if (isJsonArray(value)) return [value.length, ['have', ' items']];
  return [isJsonNumber(value) ? value : undefined, ['be', '']];
}

function patternProblem(
  { spec, pattern }: TypedParam,
  value: JsonValue,
  steps: StepBudget,
): string | undefined {
  if (pattern === undefined || typeof value !== 'string') return undefined;
  // A pattern that an earlier release accepted: without a check, the value would count as valid.
  if (pattern.kind !== 'ok')
    return `has a pattern that this release can't compile: ${shown(spec.pattern ?? '')}`;
  if (!steps.take(value.length * pattern.size, PATTERN_STEPS_MAX)) {
    const charsMax = Math.floor(steps.left(PATTERN_STEPS_MAX) / pattern.size);
    return `is too long to be matched with its pattern: at most ${charsMax} characters (all patterns together may take ${PATTERN_STEPS_MAX} steps)`;
  }
  return pattern.matches(value) ? undefined : `must match ${shown(spec.pattern ?? '')}`;
}

function listed(values: readonly JsonValue[]): string {
  return shown(values.map((value) => toJsonText(value)).join(', '));
}

function shown(text: string): string {
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)} …`;
}
