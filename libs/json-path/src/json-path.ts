import { type JsonValue } from '@app/json';
import { JSONPathEnvironment, JSONPathError, jsonpath, type JSONPathQuery } from 'json-p3';
import { isDescendant, MisplacedPartError, visitOf } from './visit.js';
import { type Walk } from './walk.js';

/** A path that is refused, and the character (from 0) that is the reason. */
export interface PathProblem {
  readonly reason: string;
  readonly offset: number;
}

export interface JsonPath {
  /** The values that the path finds, in order, the first `nodesMax` of them; meaningless if the walk has run out of steps. */
  find(document: JsonValue, walk: Walk, nodesMax: number): readonly JsonValue[];
  /**
   * What the path leads to: of a singular path (only names and indices; RFC 9535, section 2.3.5.1) the value, or undefined for none; of any other path the list of all
   * values. Meaningless if the walk has run out of steps.
   */
  follow(document: JsonValue, walk: Walk): JsonValue | undefined;
}

/** The segments that select many children: `[*,*]` twice would already be four ways. */
const WAYS_MAX = 16;

const environment = environmentOf();

/**
 * JSONPath by RFC 9535, parsed by json-p3 and walked by our own code, which counts steps. To keep a walk in
 * proportion to the event, a path has at most one descendant segment, no filter within a filter, and no query from
 * the root in a filter. The functions `match` and `search` are left out, because they would run users' expressions in
 * JavaScript's engine: use the operation `matches`.
 */
export function parseJsonPath(text: string): JsonPath | PathProblem {
  // The reasons of the library for these say nothing to an author.
  const [end] = /[.\s]$/.exec(text) ?? [];
  if (end !== undefined) {
    const reason = end === '.' ? 'no name follows its last "."' : 'it ends with white space';
    return { reason, offset: text.length - 1 };
  }
  try {
    const query = environment.compile(text);
    const reason = reasonAgainst(query);
    if (reason !== undefined) return { reason, offset: 0 };
    const find = finderOf(query);
    const isSingular = query.singularQuery();
    return {
      find,
      follow: (document, walk) => {
        const found = find(document, walk, Infinity);
        return isSingular ? found[0] : found;
      },
    };
  } catch (error) {
    if (error instanceof MisplacedPartError) return { reason: error.message, offset: 0 };
    if (!(error instanceof JSONPathError)) throw error;
    const { index } = error.token;
    return { reason: error.message.replace(/ \('.*$/s, ''), offset: Math.min(index, text.length) };
  }
}

function environmentOf(): JSONPathEnvironment {
  const made = new JSONPathEnvironment();
  made.functionRegister.delete('match');
  made.functionRegister.delete('search');
  return made;
}

function finderOf(query: JSONPathQuery): JsonPath['find'] {
  const visit = visitOf(query);
  return (document, walk, nodesMax) => {
    const found: JsonValue[] = [];
    visit(document, walk, (value) => found.push(value) < nodesMax);
    return found;
  };
}

function reasonAgainst(query: JSONPathQuery): string | undefined {
  const parts = partsOf(query);
  if (parts.descendants > 1) return 'a path has one ".." at most';
  if (parts.ways > WAYS_MAX) return `a path has ${WAYS_MAX} ways through its brackets at most`;
  if (parts.filterDepth > 1) return 'a filter of a path has no filter in it';
  if (parts.fromRoot) return 'a filter of a path looks at "@" and not at "$"';
  return undefined;
}

interface Parts {
  readonly descendants: number;
  readonly ways: number;
  readonly filterDepth: number;
  readonly fromRoot: boolean;
}

function partsOf({ segments }: JSONPathQuery): Parts {
  let [descendants, ways, filterDepth] = [0, 1, 0];
  let fromRoot = false;
  for (const segment of segments) {
    if (isDescendant(segment)) descendants += 1;
    ways *= segment.selectors.length;
    for (const selector of segment.selectors) {
      if (!(selector instanceof jsonpath.selectors.FilterSelector)) continue;
      const inner = queriesIn(selector.expression).map((one) => ({
        ...partsOf(one.path),
        root: one instanceof jsonpath.expressions.RootQuery,
      }));
      for (const one of inner) {
        descendants += one.descendants;
        ways *= one.ways;
        fromRoot ||= one.root || one.fromRoot;
      }
      filterDepth = Math.max(filterDepth, 1 + Math.max(0, ...inner.map((one) => one.filterDepth)));
    }
  }
  return { descendants, ways, filterDepth, fromRoot };
}

function queriesIn(
  expression: jsonpath.expressions.FilterExpression,
): readonly jsonpath.expressions.FilterQuery[] {
  const { expressions } = jsonpath;
  if (expression instanceof expressions.FilterQuery) return [expression];
  if (expression instanceof expressions.LogicalExpression) return queriesIn(expression.expression);
  if (expression instanceof expressions.PrefixExpression) return queriesIn(expression.right);
  if (expression instanceof expressions.InfixExpression)
    return [...queriesIn(expression.left), ...queriesIn(expression.right)];
  if (expression instanceof expressions.FunctionExtension)
    return expression.args.flatMap(queriesIn);
  return [];
}
