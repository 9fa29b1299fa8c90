import { type Problem } from '@app/errors';
import { beyondDetail, type JsonLimits } from './json-limits.js';
import { isJsonContainer, type JsonValue } from './json-value.js';

/** The most problems that are listed. */
const PROBLEMS_MAX = 100;

/** Where the walk is inside one array or object. */
interface Frame {
  readonly children: readonly JsonValue[];
  /** The keys of `children`, if it is an object. */
  readonly keys: readonly string[] | undefined;
  /** The index of the child that comes next. */
  next: number;
}

const KEY_CHARACTERS_SHOWN_MAX = 64;

/**
 * The problems of a parsed JSON value: nesting or members beyond the limits, keys that MongoDB can't store (NUL), and
 * the key `__proto__`, which is dangerous for code. The first exceeded limit ends the walk. Paths are JSON Pointers
 * (RFC 6901) that begin with `path`.
 *
 * The walk is not recursive, so that a value nested 100,000 deep is reported, too; a recursive function, such as
 * `JSON.stringify`, would throw a RangeError.
 */
export function jsonProblems(value: JsonValue, limits: JsonLimits, path = ''): Problem[] {
  const problems: Problem[] = [];
  const frames: Frame[] = [];
  let members = 0;

  for (let at: JsonValue | undefined = value; at !== undefined; at = nextChild(frames)) {
    if (!isJsonContainer(at)) continue;
    const frame = frameOf(at);
    members += frame.children.length;
    const detail = boundHit(frames.length + 1, members, limits);
    if (detail !== undefined) return [...problems, { path: path + pointer(frames), detail }];

    for (const key of frame.keys ?? []) {
      const wrong = keyProblem(key);
      if (wrong === undefined) continue;
      problems.push({ path: path + pointer(frames) + segment(key), detail: wrong });
      if (problems.length === PROBLEMS_MAX) return problems;
    }
    frames.push(frame);
  }
  return problems;
}

function frameOf(container: object): Frame {
  return Array.isArray(container)
    ? { children: container as readonly JsonValue[], keys: undefined, next: 0 }
    : { children: Object.values(container) as JsonValue[], keys: Object.keys(container), next: 0 };
}

/** The walk's next value, in document order; undefined at the end. */
function nextChild(frames: Frame[]): JsonValue | undefined {
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    if (frame.next < frame.children.length) return frame.children[frame.next++];
    frames.pop();
  }
  return undefined;
}

function boundHit(nesting: number, members: number, limits: JsonLimits): string | undefined {
  const { nestingMax, membersMax } = limits;
  if (nesting > nestingMax) return beyondDetail('nestingMax', nestingMax);
  return members > membersMax ? beyondDetail('membersMax', membersMax) : undefined;
}

function keyProblem(key: string): string | undefined {
  if (key === '__proto__') return 'is a key that is not allowed';
  return key.includes('\0') ? 'is a key that contains NUL' : undefined;
}

/** The path of the current child: each frame adds the key or index of its last child. */
function pointer(frames: readonly Frame[]): string {
  return frames.map(({ keys, next }) => segment(keys?.[next - 1] ?? String(next - 1))).join('');
}

function segment(key: string): string {
  const shown = key.slice(0, KEY_CHARACTERS_SHOWN_MAX);
  return `/${shown.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
