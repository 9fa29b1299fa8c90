import { hintFor, type Problem } from '@app/errors';
import { isJsonArray, type JsonValue } from '@app/json';
import { re2Patterns } from '@app/patterns';
import { all, any, type Clause, not } from './clause.js';
import { allOrNone, Compilation, type PatternCompiler } from './compilation.js';
import { compileComparisons } from './dialects/comparisons.js';
import { compileConditions } from './dialects/conditions.js';
import { compileSql } from './dialects/sql.js';
import { EventFilter } from './event-filter.js';
import { DEFAULT_FILTER_LIMITS, type FilterLimits } from './filter-limits.js';

const DIALECTS = ['exact', 'prefix', 'suffix', 'all', 'any', 'not', 'sql', 'conditions'] as const;

export type FilterCompilation =
  | { readonly kind: 'ok'; readonly filter: EventFilter }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/**
 * Compiles a filter in the JSON of CloudEvents Subscriptions (3.2.4.1), `{"<dialect>": …}`, with the dialect
 * `conditions` beside those of the specification. A list of filters means `all` of them.
 *
 * @param path where it is in the body, for problems
 * @param patterns compiles its patterns
 * @returns the filter, or all its problems, each with its path and the reason
 */
export function compileFilter(
  value: JsonValue,
  path: string,
  limits: FilterLimits = DEFAULT_FILTER_LIMITS,
  patterns: PatternCompiler = re2Patterns,
): FilterCompilation {
  const compilation: Compilation = new Compilation(limits, patterns, (nested, at, depth) =>
    compileNested(nested, at, depth, compilation),
  );
  const clause = isJsonArray(value)
    ? compileList(value, path, 0, compilation, all)
    : compilation.nested(value, path, 0);
  const { problems } = compilation;
  if (!clause || problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'ok', filter: new EventFilter(clause) };
}

function compileNested(
  value: JsonValue | undefined,
  path: string,
  depth: number,
  compilation: Compilation,
): Clause | null {
  const { depthMax } = compilation.limits;
  if (depth > depthMax)
    return compilation.wrong(path, `is nested deeper than ${depthMax} levels (FILTER_DEPTH_MAX)`);
  const names = DIALECTS.join(', ');
  const filter = compilation.object(value, path, `one of ${names}`);
  if (!filter) return null;
  const [dialect = '', ...more] = Object.keys(filter);
  if (more.length > 0)
    return compilation.wrong(path, 'must have one dialect; several go into "all" or "any"');
  const at = path === '' ? dialect : `${path}.${dialect}`;
  return compileDialect(dialect, filter[dialect], at, depth, compilation);
}

function compileDialect(
  dialect: string,
  value: JsonValue | undefined,
  path: string,
  depth: number,
  compilation: Compilation,
): Clause | null {
  const known = DIALECTS.find((one) => one === dialect);
  switch (known) {
    case 'exact':
    case 'prefix':
    case 'suffix':
      return compileComparisons(known, value, path, compilation);
    case 'all':
      return compileList(value, path, depth, compilation, all);
    case 'any':
      return compileList(value, path, depth, compilation, any);
    case 'not': {
      const inner = compilation.nested(value, path, depth + 1);
      return inner && not(inner);
    }
    case 'sql':
      return compileSql(value, path, compilation);
    case 'conditions':
      return compileConditions(value, path, compilation);
    case undefined: {
      const hint = hintFor(dialect, DIALECTS);
      return compilation.wrong(path, `is no dialect; there are ${DIALECTS.join(', ')}${hint}`);
    }
  }
}

function compileList(
  value: JsonValue | undefined,
  path: string,
  depth: number,
  compilation: Compilation,
  join: (clauses: readonly Clause[]) => Clause,
): Clause | null {
  const list = compilation.list(value, path, 'filter');
  const clauses =
    list && list.map((one, at) => compilation.nested(one, `${path}[${at}]`, depth + 1));
  const compiled = clauses && allOrNone(clauses);
  return compiled && join(compiled);
}
