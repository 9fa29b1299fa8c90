import { PATTERN_SIZE_MAX, PATTERNS_SIZE_MAX } from '../bounds.js';

/** A compiled pattern, or why it could not be compiled. */
export type CompiledPattern =
  | {
      readonly kind: 'ok';
      /** Steps that one character of a text may take to match, at least 1. */
      readonly size: number;
      /** Whether the *whole* text matches, in no more than its length times `size` steps. */
      matches(text: string): boolean;
    }
  /** The size exceeds `PATTERN_SIZE_MAX`, or that of all patterns `PATTERNS_SIZE_MAX`; the pattern was not compiled. */
  | { readonly kind: 'too-large'; readonly size: number }
  | { readonly kind: 'invalid'; readonly detail: string };

/**
 * The port for a regular expression engine of linear time. JavaScript's own is not used, because it backtracks: a
 * pattern of a workflow's author could then block the process.
 */
export type PatternCompiler = (source: string) => CompiledPattern;

/** The patterns of a decision condition, one a line; an empty list means a default edge. */
export function conditionLines(condition: string | undefined): readonly string[] {
  if (condition === undefined) return [];
  return condition.split(/\r?\n/).filter((line) => line !== '');
}

/**
 * A compiler for the patterns of one workflow, which compiles each pattern once. A pattern is `too-large` if it
 * brings the sum of their sizes beyond `PATTERNS_SIZE_MAX`, however small it is itself.
 */
export function patternsOfOneWorkflow(patterns: PatternCompiler): PatternCompiler {
  const known = new Map<string, CompiledPattern>();
  let room = PATTERNS_SIZE_MAX;
  return (source) => {
    const before = known.get(source);
    if (before !== undefined) return before;
    const compiled = room > 0 ? patterns(source) : { kind: 'too-large' as const, size: 0 };
    if (compiled.kind === 'ok') room -= compiled.size;
    const kept = compiled.kind === 'ok' && room < 0 ? tooLargeTogether(compiled.size) : compiled;
    known.set(source, kept);
    return kept;
  };
}

function tooLargeTogether(size: number): CompiledPattern {
  return { kind: 'too-large', size };
}

/** The message for the author of a pattern that is too large. */
export function tooLargeDetail(size: number): string {
  return size > PATTERN_SIZE_MAX
    ? `would take ${size} steps a character, and may take ${PATTERN_SIZE_MAX}; repeat less, ` +
        '`.*` instead of a count, or compare a shorter value'
    : `brings the patterns of this workflow together beyond ${PATTERNS_SIZE_MAX} steps a ` +
        'character; use fewer or simpler ones (plain text and `a|b` cost next to nothing)';
}
