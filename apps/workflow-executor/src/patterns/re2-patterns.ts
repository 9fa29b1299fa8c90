import { type PatternCompiler } from '@app/workflow-engine';
import { RE2JS } from 're2js';

/** Patterns in RE2's syntax, matched in time linear in the text: a workflow can't stall an executor. */
export const re2Patterns: PatternCompiler = (source) => {
  try {
    const pattern = RE2JS.compile(source);
    return { kind: 'ok', matches: (text) => pattern.matches(text) };
  } catch (error) {
    return { kind: 'invalid', detail: error instanceof Error ? error.message : String(error) };
  }
};
