import { doubleOf, isJsonArray, isJsonObject, type JsonValue, memberOf } from '@app/json';
import { jsonpath, type JSONPathQuery } from 'json-p3';
import { isSameByDoubles, scalarSteps } from './same-by-doubles.js';
import { type Walk } from './walk.js';

const { expressions } = jsonpath;
const { FilterSelector, IndexSelector, NameSelector, SliceSelector, WildcardSelector } =
  jsonpath.selectors;

/** A part whose type RFC 9535 forbids here, and that json-p3 accepts. */
export class MisplacedPartError extends Error {
  override readonly name = 'MisplacedPartError';
}

type Expression = jsonpath.expressions.FilterExpression;

/** Whether a filter of a path takes a value. The answer is meaningless once the walk has run out of steps. */
type Test = (current: JsonValue, walk: Walk) => boolean;

/** What is compared; undefined is Nothing (RFC 9535, section 2.4.1). */
type Operand = (current: JsonValue, walk: Walk) => JsonValue | undefined;

/** Called with each value found; false ends the walk. */
type Next = (value: JsonValue) => boolean;

/** Passes what a path finds below a value to `next`, in the order of RFC 9535; false if the walk was ended early. */
export type Visit = (value: JsonValue, walk: Walk, next: Next) => boolean;

/** Compiles a query of json-p3, which parses paths, and whose own walk can't be bounded. */
export function visitOf({ segments }: JSONPathQuery): Visit {
  const visits = segments.map(segmentOf);
  return visits.reduceRight<Visit>(
    (rest, visit) => (value, walk, next) => visit(value, walk, (found) => rest(found, walk, next)),
    (value, _walk, next) => next(value),
  );
}

function segmentOf(segment: jsonpath.JSONPathSegment): Visit {
  const selectors = segment.selectors.map(selectorOf);
  const [only] = selectors;
  const children: Visit =
    only && selectors.length === 1
      ? only
      : (value, walk, next) => selectors.every((select) => select(value, walk, next));
  return isDescendant(segment) ? descendants(children) : children;
}

/** The library does not export its class. */
export function isDescendant(segment: jsonpath.JSONPathSegment): boolean {
  return segment.toString().startsWith('..');
}

/** Of the value itself and of everything below it. The ingress bounds the nesting of events. */
function descendants(children: Visit): Visit {
  const visit: Visit = (value, walk, next) =>
    walk.may() &&
    children(value, walk, next) &&
    eachChild(value, walk, (child) => visit(child, walk, next));
  return visit;
}

function selectorOf(selector: jsonpath.JSONPathSelector): Visit {
  if (selector instanceof NameSelector) return member(selector.name);
  if (selector instanceof IndexSelector) return element(selector.index);
  if (selector instanceof SliceSelector) return slice(selector);
  if (selector instanceof WildcardSelector) return eachChild;
  if (selector instanceof FilterSelector) return filtered(selector.expression);
  throw new MisplacedPartError(`there is no selector ${selector.toString()}`);
}

function member(name: string): Visit {
  return (value, walk, next) => {
    if (!walk.may()) return false;
    const found = isJsonObject(value) ? memberOf(value, name) : undefined;
    return found === undefined || next(found);
  };
}

function element(index: number): Visit {
  return (value, walk, next) => {
    if (!walk.may()) return false;
    const found = isJsonArray(value) ? value.at(index) : undefined;
    return found === undefined || next(found);
  };
}

/** By RFC 9535, section 2.3.4.2.2. */
function slice({ start, stop, step = 1 }: InstanceType<typeof SliceSelector>): Visit {
  return (value, walk, next) => {
    if (!walk.may()) return false;
    if (!isJsonArray(value) || step === 0) return true;
    const { length } = value;
    const from = within(start ?? (step > 0 ? 0 : length - 1), length, step);
    const to = within(stop ?? (step > 0 ? length : -length - 1), length, step);
    for (let at = from; step > 0 ? at < to : at > to; at += step)
      if (!walk.may() || !next(value[at] ?? null)) return false;
    return true;
  };
}

function within(index: number, length: number, step: number): number {
  const fromStart = index < 0 ? length + index : index;
  return step > 0
    ? Math.min(Math.max(fromStart, 0), length)
    : Math.min(Math.max(fromStart, -1), length - 1);
}

function filtered(expression: Expression): Visit {
  const test = testOf(expression);
  return (value, walk, next) =>
    eachChild(value, walk, (child) => {
      const holds = test(child, walk);
      return !walk.isBeyond && (!holds || next(child));
    });
}

/** An object's names are listed at once, so their steps are spent at once. */
function eachChild(value: JsonValue, walk: Walk, next: Next): boolean {
  if (walk.isBeyond) return false;
  if (isJsonArray(value)) return value.every((child) => walk.may() && next(child));
  if (!isJsonObject(value)) return walk.may();
  const children = Object.values(value);
  return walk.may(1 + children.length) && children.every((child) => next(child));
}

/** Compiles a filter of json-p3. @throws MisplacedPartError */
function testOf(expression: Expression): Test {
  if (expression instanceof expressions.LogicalExpression) return testOf(expression.expression);
  if (expression instanceof expressions.PrefixExpression) {
    const test = testOf(expression.right);
    return (current, walk) => !test(current, walk);
  }
  if (expression instanceof expressions.InfixExpression) return infixOf(expression);
  const found = foundBy(expression, 1);
  return (current, walk) => found(current, walk).length > 0;
}

function infixOf({ left, operator, right }: jsonpath.expressions.InfixExpression): Test {
  if (operator === '&&' || operator === '||') {
    const [first, second] = [testOf(left), testOf(right)];
    return operator === '&&'
      ? (current, walk) => first(current, walk) && !walk.isBeyond && second(current, walk)
      : (current, walk) => first(current, walk) || (!walk.isBeyond && second(current, walk));
  }
  const [a, b] = [operandOf(left), operandOf(right)];
  const compare = comparisonOf(operator);
  return (current, walk) => compare(a(current, walk), b(current, walk), walk);
}

type Comparison = (a: JsonValue | undefined, b: JsonValue | undefined, walk: Walk) => boolean;

function comparisonOf(operator: string): Comparison {
  switch (operator) {
    case '==':
      return isSameByDoubles;
    case '!=':
      return (a, b, walk) => !isSameByDoubles(a, b, walk);
    case '<':
      return isLess;
    case '>':
      return (a, b, walk) => isLess(b, a, walk);
    case '<=':
      return (a, b, walk) => isLess(a, b, walk) || isSameByDoubles(a, b, walk);
    case '>=':
      return (a, b, walk) => isLess(b, a, walk) || isSameByDoubles(a, b, walk);
    default:
      throw new MisplacedPartError(`there is no comparison ${operator}`);
  }
}

/** Compares two numbers or two texts; other values have no order. */
function isLess(a: JsonValue | undefined, b: JsonValue | undefined, walk: Walk): boolean {
  if (!walk.may(scalarSteps(a, b))) return false;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  const [first, second] = [doubleOf(a), doubleOf(b)];
  return first !== undefined && second !== undefined && first < second;
}

function operandOf(expression: Expression): Operand {
  if (expression instanceof expressions.NullLiteral) return () => null;
  if (
    expression instanceof expressions.BooleanLiteral ||
    expression instanceof expressions.NumberLiteral ||
    expression instanceof expressions.StringLiteral
  ) {
    const { value } = expression;
    return () => value;
  }
  if (expression instanceof expressions.FunctionExtension) return functionOf(expression);
  const found = foundBy(expression, 1);
  return (current, walk) => found(current, walk)[0];
}

function functionOf({ name, args }: jsonpath.expressions.FunctionExtension): Operand {
  const [argument] = args;
  if (argument && name === 'length') {
    const operand = operandOf(argument);
    return (current, walk) => lengthOf(operand(current, walk), walk);
  }
  if (argument && name === 'count') {
    const found = foundBy(argument, Infinity);
    return (current, walk) => found(current, walk).length;
  }
  if (argument && name === 'value') {
    const found = foundBy(argument, 2);
    return (current, walk) => {
      const [first, second] = found(current, walk);
      return second === undefined ? first : undefined;
    };
  }
  throw new MisplacedPartError(`there is no function ${name}`);
}

/** Unicode characters of a text, elements of a list, members of an object. */
function lengthOf(value: JsonValue | undefined, walk: Walk): number | undefined {
  if (walk.isBeyond) return undefined;
  if (typeof value === 'string')
    return walk.may(value.length) ? Array.from(value).length : undefined;
  if (isJsonArray(value)) return value.length;
  if (!isJsonObject(value)) return undefined;
  const { length } = Object.keys(value);
  return walk.may(length) ? length : undefined;
}

/** The values that a query within the filter finds, the first `nodesMax` of them. */
function foundBy(
  expression: Expression,
  nodesMax: number,
): (current: JsonValue, walk: Walk) => readonly JsonValue[] {
  if (!(expression instanceof expressions.FilterQuery))
    throw new MisplacedPartError(`"${expression.toString()}" is not permitted here in a filter`);
  const visit = visitOf(expression.path);
  return (current, walk) => {
    const found: JsonValue[] = [];
    visit(current, walk, (value) => found.push(value) < nodesMax);
    return found;
  };
}
