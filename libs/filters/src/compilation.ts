import { type Problem } from '@app/errors';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { type re2Patterns } from '@app/patterns';
import { type Clause } from './clause.js';
import { type FilterLimits } from './filter-limits.js';

/** Of a filter with more problems, the first are reported. */
const PROBLEMS_MAX = 50;

export type PatternCompiler = typeof re2Patterns;
type Pattern = Extract<ReturnType<PatternCompiler>, { readonly kind: 'ok' }>;

/** The state of compiling one filter: its problems so far, and how much of its bounds is left. */
export class Compilation {
  readonly problems: Problem[] = [];
  #clauses = 0;
  #patternsSize = 0;

  constructor(
    readonly limits: FilterLimits,
    private readonly patterns: PatternCompiler,
    /** Of a filter within this one. */
    readonly nested: (value: JsonValue | undefined, path: string, depth: number) => Clause | null,
  ) {}

  /** @returns null, for what could not be compiled */
  wrong(path: string, detail: string): null {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ path, detail });
    return null;
  }

  /** Counts one more comparison, expression or condition against the bound. */
  mayAdd(path: string): boolean {
    this.#clauses += 1;
    const { clausesMax } = this.limits;
    if (this.#clauses === clausesMax + 1)
      this.wrong(
        path,
        `is one clause more than the ${clausesMax} that a filter may have (FILTER_CLAUSES_MAX)`,
      );
    return this.#clauses <= clausesMax;
  }

  /** A text that is neither empty nor too long. */
  text(value: JsonValue | undefined, path: string): string | null {
    const { textCharsMax } = this.limits;
    if (typeof value !== 'string' || value === '')
      return this.wrong(path, 'must be a text, not empty');
    if (value.length > textCharsMax)
      return this.wrong(path, `must have ${textCharsMax} characters at most`);
    return value;
  }

  /** A pattern in RE2's syntax. When all of them together are too large, no more are compiled. */
  pattern(value: JsonValue | undefined, path: string): Pattern | null {
    const text = this.text(value, path);
    if (text === null) return null;
    const { patternsSizeMax } = this.limits;
    if (this.#patternsSize > patternsSizeMax) return null;
    const pattern = this.patterns(text);
    if (pattern.kind === 'too-large')
      return this.wrong(path, 'is a pattern of too many steps; make its repetitions smaller');
    if (pattern.kind === 'invalid')
      return this.wrong(path, `must be a pattern in RE2's syntax: ${pattern.detail}`);
    this.#patternsSize += pattern.size;
    if (this.#patternsSize <= patternsSizeMax) return pattern;
    return this.wrong(
      path,
      `brings the patterns of this filter together beyond ${patternsSizeMax} steps a character; ` +
        'use fewer or simpler ones (plain text and `a|b` cost next to nothing)',
    );
  }

  object(value: JsonValue | undefined, path: string, what: string): JsonObject | null {
    if (isJsonObject(value) && Object.keys(value).length > 0) return value;
    return this.wrong(path, `must be an object: ${what}`);
  }

  list(value: JsonValue | undefined, path: string, what: string): readonly JsonValue[] | null {
    if (isJsonArray(value) && value.length > 0) return value;
    return this.wrong(path, `must be a list with at least one ${what}`);
  }
}

/** All of them, or null if one could not be compiled. */
export function allOrNone<T>(items: readonly (T | null)[]): readonly T[] | null {
  const there = items.filter((item) => item !== null);
  return there.length === items.length ? there : null;
}
