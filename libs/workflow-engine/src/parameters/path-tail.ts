import { type JsonValue } from '@app/json';
import { type JsonPath, parseJsonPath, StepBudget, Walk } from '@app/json-path';
import { PATH_CHARS_MAX, PATH_STEPS_MAX, PATHS_STEPS_MAX } from '../bounds.js';

/** The result of a path that visits more values than it may. */
export const BEYOND_STEPS = Symbol('beyond the steps of a path');

export type PathTail =
  | { readonly kind: 'path'; readonly path: JsonPath; readonly end: number }
  | { readonly kind: 'malformed'; readonly detail: string };

/**
 * Reads the JSONPath (RFC 9535) that begins at `start` with `.` or `[`, up to the `)` of its reference. Among the
 * arguments of a function it also ends at a comma or white space.
 */
export function readPathTail(text: string, start: number, inCall: boolean): PathTail {
  const end = endOf(text, start, inCall);
  if (end === undefined) return { kind: 'malformed', detail: 'its JSONPath does not end' };
  const written = text.slice(start, end);
  const path = parseJsonPath(`$${written}`);
  return 'find' in path
    ? { kind: 'path', path, end }
    : { kind: 'malformed', detail: `"$${written}" is no JSONPath: ${path.reason}` };
}

/** The position behind a path: brackets and quotes in it may contain anything. */
function endOf(text: string, start: number, inCall: boolean): number | undefined {
  let depth = 0;
  let quote = '';
  for (let at = start; at < text.length && at - start <= PATH_CHARS_MAX; at += 1) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === "'" || char === '"') quote = char;
    else if (char === '[') depth += 1;
    else if (char === ']') depth -= 1;
    else if (depth === 0 && (char === ')' || (inCall && /[,\s]/.test(char)))) return at;
  }
  return undefined;
}

/**
 * How many steps each path of a workflow may take. Their number decides, and not which of them are reached together: so
 * the result of a path is always the same.
 */
export function pathStepsMax(paths: number): number {
  return Math.min(PATH_STEPS_MAX, Math.floor(PATHS_STEPS_MAX / Math.max(1, paths)));
}

/** What a path finds in a value: of a singular path the value, of any other one the list of all values. */
export function followPath(
  path: JsonPath,
  value: JsonValue,
  stepsMax: number,
): JsonValue | undefined | typeof BEYOND_STEPS {
  const walk = new Walk(new StepBudget(), stepsMax);
  const found = path.follow(value, walk);
  return walk.isBeyond ? BEYOND_STEPS : found;
}
