import { hintFor } from '@app/errors';
import { type JsonValue, parseJson, toJsonText } from '@app/json';
import { CALLS_DEPTH_MAX } from '../bounds.js';
import { FUNCTIONS } from './functions.js';
import { nearestReference, readReference, type Reference, ROOTS } from './reference.js';

/** A call of a function; its arguments are references, literals or calls. */
export interface Call {
  readonly from: 'call';
  /** One of `FUNCTIONS`. */
  readonly name: string;
  readonly args: readonly Argument[];
  /** As it was written, for messages. */
  readonly text: string;
  readonly asUrl?: true;
}

export type Argument = Expression | { readonly from: 'literal'; readonly value: JsonValue };

/** The content of one `$(...)`. */
export type Expression = Reference | Call;

export type ReadExpression =
  | { readonly kind: 'expression'; readonly expression: Expression; readonly end: number }
  | { readonly kind: 'malformed'; readonly detail: string };

const AS_URL = 'url:';
const CALL = /([A-Za-z][A-Za-z0-9_-]{0,63})\(/y;
const LITERAL =
  /'([^']*)'|"([^"]*)"|(-?(?:0|[1-9]\d{0,63})(?:\.\d{1,64})?(?:[eE][+-]?\d{1,9})?|true|false|null)(?=\s*[,)])/y;
const WHITE = /\s*/y;
/** A malformed argument of a function, of which a hint is made. */
const WRITTEN = /[^(),'"\s]{1,200}/y;
/** The most characters of a malformed expression that a message shows. */
const SHOWN_CHARS_MAX = 40;
/** How far behind `$(` the `)` of a malformed reference is searched for. */
const REFERENCE_CHARS_SHOWN_MAX = 200;
const FORMS = '$(params.x), $(workflow.params.x), $(tasks.NAME.results.x) or $(secrets.NAME)';

/**
 * Reads the expression that begins with `$(` at `start`: a reference, or a function such as
 * `default(params.a, 'none')`. A prefix `url:` means that its value is not to be encoded for a URL. `end` is the
 * position behind its `)`.
 */
export function readExpression(text: string, start: number): ReadExpression {
  const asUrl = text.startsWith(AS_URL, start + 2);
  const begin = start + 2 + (asUrl ? AS_URL.length : 0);
  const isCall = matchAt(CALL, text, begin) !== undefined;
  if (!isCall) {
    const read = readReference(text, begin, { asUrl });
    if (read?.kind === 'malformed') return read;
    if (read === undefined || text[read.end] !== ')') return noReference(text, start);
    const { reference, end } = read;
    const written = text.slice(start, end + 1);
    return { kind: 'expression', expression: { ...reference, text: written }, end: end + 1 };
  }
  const reader = new CallReader(text, asUrl);
  const call = reader.call(begin, 1);
  if (call !== undefined && text[reader.at] !== ')') reader.fail(reader.at, 'has no ")" behind it');
  const { problem, at } = reader;
  if (call === undefined || problem !== undefined) {
    const shown = text.slice(start, start + SHOWN_CHARS_MAX);
    return { kind: 'malformed', detail: `"${shown}" ${problem ?? 'is no reference'}` };
  }
  const expression = { ...call, text: text.slice(start, at + 1) };
  return { kind: 'expression', expression, end: at + 1 };
}

function noReference(text: string, start: number): ReadExpression {
  const found = text.indexOf(')', start);
  const end = found === -1 || found - start > REFERENCE_CHARS_SHOWN_MAX ? undefined : found;
  const shown = text.slice(start, end === undefined ? start + SHOWN_CHARS_MAX : end + 1);
  const meant = end === undefined ? undefined : nearestReference(text.slice(start + 2, end));
  const hint =
    meant === undefined
      ? `(${FORMS}); write $$( for a plain "$("`
      : `(did you mean "$(${meant})"?)`;
  return { kind: 'malformed', detail: `"${shown}" is no reference ${hint}` };
}

/** The beginning of an expression, well-formed or not, which is not escaped. */
const BEGINNING = new RegExp(
  `(?<!\\$)\\$\\((?:${AS_URL})?(?:(?:${ROOTS.join('|')})[.[]|(?:${[...FUNCTIONS.keys()].join('|')})\\()`,
);

/** Whether a text in the value has an expression, or a mistyped one, so that somebody may expect it to be replaced. */
export function mayHaveExpression(value: JsonValue): boolean {
  return BEGINNING.test(toJsonText(value));
}

/** Reads a function call and those nested in it; stops at the first problem. */
class CallReader {
  /** The position behind what was read last. */
  at = 0;
  problem: string | undefined;

  constructor(
    private readonly text: string,
    private readonly asUrl: boolean,
  ) {}

  /** Reports a problem. Only the first one is kept. */
  fail(at: number, detail: string): void {
    this.problem ??= `at character ${at + 1}: ${detail}`;
  }

  #nothing(at: number, detail: string): Call | undefined {
    this.fail(at, detail);
    return undefined;
  }

  #noArgs(at: number, detail: string): readonly Argument[] | undefined {
    this.fail(at, detail);
    return undefined;
  }

  /** @param depth how deep the call is nested, from 1 */
  call(start: number, depth: number): Call | undefined {
    const name = matchAt(CALL, this.text, start)?.[1] ?? '';
    const known = FUNCTIONS.get(name);
    if (known === undefined) {
      const names = [...FUNCTIONS.keys()];
      const hint = hintFor(name, names) || `; there are ${names.join(', ')}`;
      return this.#nothing(start, `there is no function "${name}"${hint}`);
    }
    if (depth > CALLS_DEPTH_MAX) {
      return this.#nothing(start, `there are more than ${CALLS_DEPTH_MAX} functions in each other`);
    }
    const args = this.#args(start + name.length + 1, depth);
    if (args === undefined) return undefined;
    if (args.length < known.argsMin || args.length > known.argsMax) {
      return this.#nothing(start, `the function is written as ${known.usage}`);
    }
    const text = this.text.slice(start, this.at);
    return { from: 'call', name, args, text, ...(this.asUrl && { asUrl: true }) };
  }

  /** Reads the arguments up to their `)`; `at` is behind it afterwards. */
  #args(start: number, depth: number): readonly Argument[] | undefined {
    const args: Argument[] = [];
    this.#skipWhite(start);
    if (this.text[this.at] === ')') {
      this.at += 1;
      return args;
    }
    for (;;) {
      const arg = this.#argument(this.at, depth);
      if (arg === undefined) return undefined;
      args.push(arg);
      this.#skipWhite(this.at);
      const next = this.text[this.at];
      if (next !== ',' && next !== ')') return this.#noArgs(this.at, 'expected "," or ")"');
      this.#skipWhite(this.at + 1);
      if (next === ')') return args;
    }
  }

  #argument(start: number, depth: number): Argument | undefined {
    const literal = matchAt(LITERAL, this.text, start);
    if (literal !== undefined) {
      const [written, single, double, other] = literal;
      this.at = start + written.length;
      return {
        from: 'literal',
        value: other === undefined ? (single ?? double ?? '') : parseJson(other),
      };
    }
    if (matchAt(CALL, this.text, start) !== undefined) return this.call(start, depth + 1);
    const read = readReference(this.text, start, { asUrl: this.asUrl, inCall: true });
    if (read?.kind === 'malformed') return this.#nothing(start, read.detail);
    if (read === undefined) {
      const written = matchAt(WRITTEN, this.text, start)?.[0] ?? '';
      const meant = nearestReference(written);
      const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
      const detail = `expected a reference, a "text", a number, true, false or null${hint}`;
      return this.#nothing(start, detail);
    }
    this.at = read.end;
    return read.reference;
  }

  #skipWhite(from: number): void {
    this.at = from + (matchAt(WHITE, this.text, from)?.[0].length ?? 0);
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** The references in an expression, also those in arguments of functions. */
export function referencesOf(expression: Argument): readonly Reference[] {
  if (expression.from === 'literal') return [];
  return expression.from === 'call' ? expression.args.flatMap(referencesOf) : [expression];
}

/** The function calls in an expression: itself, if it is one, and those in its arguments. */
export function callsOf(expression: Argument): readonly Call[] {
  return expression.from === 'call' ? [expression, ...expression.args.flatMap(callsOf)] : [];
}
