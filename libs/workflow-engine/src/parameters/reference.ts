import { REFERENCE_STEPS_MAX } from '../bounds.js';

/** A step into a value: a member's name, or an index. */
export type Step = string | number;

interface Named {
  readonly name: string;
  /** Steps into the value of that name. */
  readonly path: readonly Step[];
  /** As it was written, for messages. */
  readonly text: string;
  /** Written as `$(url:...)`: the value is a URL or a part of one already. */
  readonly asUrl?: true;
}

const SCOPES = ['workflow', 'team', 'global', 'context'] as const;

/** Unreserved in URLs and plain in headers, so that its place can be marked anywhere. */
const SECRET_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * What one `$(...)` means. `params` looks through all scopes, in their order of precedence. A `secret` has no
 * value here: whoever sends what it stands in puts it there.
 */
export type Reference =
  | (Named & { readonly from: 'params' | (typeof SCOPES)[number] })
  | (Named & { readonly from: 'task'; readonly task: string })
  | (Named & { readonly from: 'secret' });

export type SecretReference = Extract<Reference, { from: 'secret' }>;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

export type ReadReference =
  | { readonly kind: 'reference'; readonly reference: Reference; readonly end: number }
  | { readonly kind: 'malformed'; readonly detail: string };

const AS_URL = 'url:';

const FIRST_STEP = /[^.[\]()]+/y;
const NEXT_STEP = /\.([^.[\]()]+)|\[(\d{1,9})\]|\['([^']*)'\]|\["([^"]*)"\]/y;

/**
 * Reads the reference whose `$(` begins at `start`: `params.a`, `team.params.a`,
 * `tasks.NAME.results.a`, each followed by steps `.b`, `[0]`, `['any key']`; or `secrets.NAME`; and `url:` before
 * it where the value is not to be encoded. `end` is behind the `)`.
 */
export function readReference(text: string, start: number): ReadReference {
  const asUrl = text.startsWith(AS_URL, start + 2);
  const steps = readSteps(text, start + 2 + (asUrl ? AS_URL.length : 0));
  if (steps === undefined || text[steps.end] !== ')') {
    return malformed(text.slice(start, start + 40));
  }
  const written = text.slice(start, steps.end + 1);
  const reference = interpret(steps.steps, written);
  if (reference === undefined) return malformed(written);
  const read = asUrl ? ({ ...reference, asUrl } as const) : reference;
  return { kind: 'reference', reference: read, end: steps.end + 1 };
}

function malformed(text: string): ReadReference {
  const forms = '$(params.x), $(workflow.params.x), $(tasks.NAME.results.x) or $(secrets.NAME)';
  const detail = `"${text}" is no reference (${forms}); write $$( for a plain "$("`;
  return { kind: 'malformed', detail };
}

function readSteps(
  text: string,
  start: number,
): { readonly steps: readonly Step[]; readonly end: number } | undefined {
  FIRST_STEP.lastIndex = start;
  const first = FIRST_STEP.exec(text);
  if (first === null) return undefined;
  const steps: Step[] = [first[0]];
  let end = FIRST_STEP.lastIndex;
  for (;;) {
    NEXT_STEP.lastIndex = end;
    const match = NEXT_STEP.exec(text);
    if (match === null) return { steps, end };
    const [, plain, index, single, double] = match;
    steps.push(index === undefined ? (plain ?? single ?? double ?? '') : Number(index));
    end = NEXT_STEP.lastIndex;
    if (steps.length > REFERENCE_STEPS_MAX) return undefined;
  }
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
