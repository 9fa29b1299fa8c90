import { PATTERN_SIZE_MAX, type PatternCompiler } from '@app/workflow-engine';
import { RE2JS } from 're2js';
import { patternSizeOf } from './pattern-size.js';

/** A pattern of plain text, or of alternatives of plain texts. */
const PLAIN = /^[^\\^$.[\](){}*+?]*$/;

/**
 * Compiles patterns in RE2's syntax. A match takes at most as many steps as the pattern's size times the text's
 * length, of 0.13 µs each on a slow machine; the engine bounds their sum in one run by `PATTERN_STEPS_MAX`. A pattern
 * beyond `PATTERN_SIZE_MAX` is not compiled.
 *
 * `.` matches line breaks, too, so that `.*error.*` finds an error on any line of an answer.
 */
export const re2Patterns: PatternCompiler = (source) => {
  if (PLAIN.test(source)) return alternatives(source);
  const size = patternSizeOf(source);
  if (size > PATTERN_SIZE_MAX) return { kind: 'too-large', size };
  try {
    const pattern = RE2JS.compile(source, RE2JS.DOTALL);
    return {
      kind: 'ok',
      size: Math.max(size, pattern.programSize()),
      matches: (text) => pattern.matches(text),
    };
  } catch (error) {
    return { kind: 'invalid', detail: error instanceof Error ? error.message : String(error) };
  }
};

/** The most usual patterns, such as `yes` or `open|closed`, take one lookup in a set, however long they are. */
function alternatives(source: string): ReturnType<PatternCompiler> {
  const texts = new Set(source.split('|'));
  return { kind: 'ok', size: 1, matches: (text) => texts.has(text) };
}
