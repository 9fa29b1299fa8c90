import { nearestName } from '@app/errors';
import { type JsonPath } from '@app/json-path';
import { REFERENCE_STEPS_MAX } from '../bounds.js';
import { readPathTail } from './path-tail.js';

/** A step into a value: a member's name, or an index. */
export type Step = string | number;

interface Named {
  readonly name: string;
  /** Steps into the value of that name. */
  readonly path: readonly Step[];
  /** What follows them from the first part on that is more than a name or an index. */
  readonly tail?: JsonPath;
  /** As it was written, for messages. */
  readonly text: string;
  /** Written as `$(url:...)`: the value is a URL or a part of one already. */
  readonly asUrl?: true;
  /** Set when it is an argument of a function. */
  readonly inCall?: true;
}

const SCOPES = ['workflow', 'team', 'global', 'context'] as const;

/** Characters that are unreserved in URLs and plain in headers, so that `secretMark` can mark it anywhere. */
const SECRET_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * The reference of one `$(...)`. `params` is looked up in all scopes, in their order of precedence. A `secret` has
 * no value in the engine: the executor puts it in when it makes the call.
 */
export type Reference =
  | (Named & { readonly from: 'params' | (typeof SCOPES)[number] })
  | (Named & { readonly from: 'task'; readonly task: string })
  | (Named & { readonly from: 'secret' });

export type SecretReference = Extract<Reference, { from: 'secret' }>;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

const FIRST_STEP = /[^.[\]()]+/y;
const NEXT_STEP = /\.(?!\*[.[)])([^.[\]()]+)|\[(\d{1,9})\]|\['([^']*)'\]|\["([^"]*)"\]/y;
/** The same among the arguments of a function, where a comma or a quote ends a name. */
const FIRST_STEP_IN_CALL = /[^.[\](),'"\s]+/y;
const NEXT_STEP_IN_CALL =
  /\.(?!\*[.[),\s])([^.[\](),'"]*[^.[\](),'"\s])|\[(\d{1,9})\]|\['([^']*)'\]|\["([^"]*)"\]/y;

export interface ReferencePlace {
  readonly asUrl: boolean;
  /** Whether it is an argument of a function. */
  readonly inCall?: boolean;
}

/** A reference and the position behind it, or what is wrong with the JSONPath in it. */
export type ReadReference =
  | { readonly kind: 'reference'; readonly reference: Reference; readonly end: number }
  | { readonly kind: 'malformed'; readonly detail: string };

/**
 * Reads the reference that begins at `start`: `params.a`, `team.params.a`, `tasks.NAME.results.a`, each
 * followed by steps `.b`, `[0]`, `['any key']` and then perhaps by any segments of a JSONPath (`[*]`, `..b`, `[-1]`,
 * `[?@.c > 1]`); or `secrets.NAME`. Undefined for anything else, and for more than `REFERENCE_STEPS_MAX` steps.
 */
export function readReference(
  text: string,
  start: number,
  { asUrl, inCall = false }: ReferencePlace,
): ReadReference | undefined {
  const steps = readSteps(text, start, inCall);
  if (steps === undefined) return undefined;
  const reference = interpret(steps.steps, text.slice(start, steps.end));
  if (reference === undefined) return undefined;
  const read = {
    ...reference,
    ...(asUrl && { asUrl: true as const }),
    ...(inCall && { inCall: true as const }),
  };
  const { end } = steps;
  if (!isPathAt(text, end) || reference.from === 'secret') {
    return { kind: 'reference', reference: read, end };
  }
  const tail = readPathTail(text, end, inCall);
  if (tail.kind === 'malformed') return tail;
  const written = text.slice(start, tail.end);
  return {
    kind: 'reference',
    reference: { ...read, tail: tail.path, text: written },
    end: tail.end,
  };
}

function isPathAt(text: string, at: number): boolean {
  return text[at] === '[' || text[at] === '.';
}

function readSteps(
  text: string,
  start: number,
  inCall: boolean,
): { readonly steps: readonly Step[]; readonly end: number } | undefined {
  const first = firstStep(text, start, inCall);
  if (first === null) return undefined;
  const steps: Step[] = [first[0]];
  let end = start + first[0].length;
  for (;;) {
    const match = nextStep(text, end, inCall);
    if (match === null) return { steps, end };
    const [, plain, index, single, double] = match;
    steps.push(index === undefined ? (plain ?? single ?? double ?? '') : Number(index));
    end += match[0].length;
    if (steps.length > REFERENCE_STEPS_MAX) return undefined;
  }
}

function firstStep(text: string, at: number, inCall: boolean): RegExpExecArray | null {
  if (!inCall) {
    FIRST_STEP.lastIndex = at;
    return FIRST_STEP.exec(text);
  }
  FIRST_STEP_IN_CALL.lastIndex = at;
  return FIRST_STEP_IN_CALL.exec(text);
}

function nextStep(text: string, at: number, inCall: boolean): RegExpExecArray | null {
  if (!inCall) {
    NEXT_STEP.lastIndex = at;
    return NEXT_STEP.exec(text);
  }
  NEXT_STEP_IN_CALL.lastIndex = at;
  return NEXT_STEP_IN_CALL.exec(text);
}

function interpret(steps: readonly Step[], text: string): Reference | undefined {
  const [root, second, third, fourth] = steps;
  if (root === 'params') {
    if (typeof second !== 'string') return undefined;
    return { from: root, name: second, path: steps.slice(2), text };
  }
  if (root === 'secrets') {
    const isName = typeof second === 'string' && isSecretName(second) && steps.length === 2;
    return isName ? { from: 'secret', name: second, path: [], text } : undefined;
  }
  if (root === 'tasks') {
    if (typeof second !== 'string' || third !== 'results' || typeof fourth !== 'string') {
      return undefined;
    }
    return { from: 'task', task: second, name: fourth, path: steps.slice(4), text };
  }
  const scope = SCOPES.find((name) => name === root);
  if (scope === undefined || second !== 'params' || typeof third !== 'string') return undefined;
  return { from: scope, name: third, path: steps.slice(3), text };
}

/** The problem of a name with white space around it, which is a part of the name unless it was a slip. */
export function whiteSpaceProblem({ name, path, text }: Reference): string | undefined {
  const spaced = [name, ...path].find((step) => typeof step === 'string' && step.trim() !== step);
  if (spaced === undefined || /['"]/.test(text)) return undefined;
  return `"${spaced}" has white space around it; remove it, or write ['${spaced}'] if the name has it`;
}

export const ROOTS = ['params', 'tasks', 'secrets', ...SCOPES];

/** Stands in a hint for a name that was left out. */
const LEFT_OUT = 'NAME';

/**
 * The reference that a malformed text probably means, for a hint: `params.a` for `parms.a`, `tasks.a.results.b` for
 * `tasks.a.b`, `tasks.a.results.NAME` for `tasks.a.results`. Undefined when none is similar.
 */
export function nearestReference(text: string): string | undefined {
  const [written = '', ...rest] = text.trim().split('.');
  const root = nearestName(written, ROOTS);
  if (root === undefined) return undefined;
  const steps = withWord(root, rest);
  const meant = [root, ...steps].join('.');
  if (isWhole(meant) && meant !== text) return meant;
  const isSure = root.startsWith(written.toLowerCase());
  const completed = isSure ? [root, ...withLastName(root, steps)].join('.') : '';
  return isWhole(completed) ? completed : undefined;
}

function isWhole(text: string): boolean {
  const read = readReference(text, 0, { asUrl: false });
  return read?.kind === 'reference' && read.end === text.length;
}

/** The steps with the fixed word of that kind of reference (`results`, `params`) corrected or added. */
function withWord(root: string, steps: readonly string[]): readonly string[] {
  const { word, at } = fixedWordOf(root);
  const written = steps[at];
  if (word === undefined || written === undefined || written === word) return steps;
  const isNear = nearestName(written, [word]) !== undefined && steps.length > at + 1;
  return [...steps.slice(0, at), word, ...steps.slice(isNear ? at + 1 : at)];
}

/** The steps with `LEFT_OUT` in the place of the last name, and with the fixed word before it. */
function withLastName(root: string, steps: readonly string[]): readonly string[] {
  const { word, at } = fixedWordOf(root);
  const named = steps.filter((step) => step !== '' && step !== word);
  return word === undefined
    ? [...named, LEFT_OUT]
    : [...named.slice(0, at), word, ...named.slice(at), LEFT_OUT];
}

function fixedWordOf(root: string): { readonly word: string | undefined; readonly at: number } {
  if (root === 'params' || root === 'secrets') return { word: undefined, at: 0 };
  return root === 'tasks' ? { word: 'results', at: 1 } : { word: 'params', at: 0 };
}
