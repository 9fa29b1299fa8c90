/** One compiled pattern, or why it is none. */
export type CompiledPattern =
  | {
      readonly kind: 'ok';
      /** Whether the *whole* text matches, in time linear in its length. */
      matches(text: string): boolean;
    }
  | { readonly kind: 'invalid'; readonly detail: string };

/**
 * The port to a regular expression engine. The engine brings none, because JavaScript's own
 * backtracks: a pattern from a workflow's author could then stop the process.
 */
export type PatternCompiler = (source: string) => CompiledPattern;

/** The patterns of a decision condition, one a line; none means a default edge. */
export function conditionLines(condition: string | undefined): readonly string[] {
  if (condition === undefined) return [];
  return condition.split(/\r?\n/).filter((line) => line !== '');
}
