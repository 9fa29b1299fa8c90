import { hintFor } from '@app/errors';
import { type JsonObject, jsonObjectOf, type JsonValue } from '@app/json';
import { RESOLVED_PARAMS_CHARS_MAX } from '../bounds.js';
import { FAILURE_CODES, type FailureCode } from '../state/failure.js';
import { charsOf, textOf } from '../json.js';
import { findValue, namesNear, type Sources } from './find-value.js';
import { type Argument, type Call, type Expression } from './expression.js';
import { DEFAULT, FUNCTIONS } from './functions.js';
import { type Reference, type SecretReference } from './reference.js';
import { secretMark } from './secret-mark.js';
import { type Template } from './template.js';
import { type JoinText, type TextPart } from './text-part.js';

/** A parameter of a task, in the order in which `resolveParams` must take them. */
export interface ParamTemplate {
  readonly name: string;
  readonly template: Template;
  /** How a text with references is put together; absent joins values as they are. */
  readonly join?: JoinText;
}

export type Resolution =
  | { readonly kind: 'resolved'; readonly params: JsonObject }
  | { readonly kind: 'unresolved'; readonly code: FailureCode; readonly message: string };

/**
 * The values of a task's parameters. They are computed on parsed values: nothing is spliced into
 * JSON text, so no value can break out of its place, and what a reference brought in is not
 * searched for references again. All of them together are bounded before any text is built, so
 * values that contain each other can't explode.
 */
export function resolveParams(params: readonly ParamTemplate[], sources: Sources): Resolution {
  const resolver = new Resolver(sources);
  for (const { name, template, join } of params) {
    const isJoined = join !== undefined && template.kind === 'text';
    resolver.own[name] = isJoined
      ? resolver.join(template.parts, join)
      : resolver.resolve(template);
    if (resolver.failure !== undefined) return resolver.failure;
  }
  return { kind: 'resolved', params: resolver.own };
}

type TextTemplate = Extract<Template, { kind: 'text' }>;

/** Remembers the first failure and the characters left; what it gives after a failure is of no use. */
class Resolver {
  readonly own: Record<string, JsonValue> = {};
  failure: Extract<Resolution, { kind: 'unresolved' }> | undefined;
  #charsLeft = RESOLVED_PARAMS_CHARS_MAX;

  constructor(private readonly sources: Sources) {}

  resolve(template: Template): JsonValue {
    switch (template.kind) {
      case 'literal':
        return template.value;
      case 'reference':
        return this.#valueOf(template.reference);
      case 'text':
        return template.parts
          .map((part) => (typeof part === 'string' ? part : textOf(this.#valueOf(part))))
          .join('');
      case 'array':
        return template.items.map((item) => this.resolve(item));
      case 'object':
        return jsonObjectOf(template.members.map(([name, member]) => [name, this.resolve(member)]));
    }
  }

  /** A text in which a value must not become syntax. */
  join(parts: TextTemplate['parts'], join: JoinText): JsonValue {
    const found = parts.map((part): TextPart =>
      typeof part === 'string' ? part : { reference: part, value: this.#valueOf(part) },
    );
    if (this.failure !== undefined) return null;
    const joined = join(found);
    if (joined.kind === 'text') return joined.text;
    const { reference, detail } = joined;
    return this.#fail(FAILURE_CODES.PARAM_INVALID, `${reference.text} ${detail}`);
  }

  #valueOf(expression: Expression): JsonValue {
    return expression.from === 'call' ? this.#apply(expression) : this.#find(expression);
  }

  #find(reference: Reference): JsonValue {
    if (this.failure !== undefined) return null;
    const value = this.#look(reference);
    if (value === undefined) {
      return this.#fail(
        FAILURE_CODES.PARAM_UNRESOLVED,
        `${reference.text} has no value${this.#hint(reference)}`,
      );
    }
    return this.#bounded(value, reference);
  }

  #hint(reference: Reference): string {
    if (reference.from === 'secret') return '';
    const names = namesNear(reference, this.sources, this.own);
    // Otherwise it is a step behind the name that finds nothing.
    return names.includes(reference.name) ? '' : hintFor(reference.name, names);
  }

  #look(reference: Reference): JsonValue | undefined {
    return reference.from === 'secret'
      ? this.#markOf(reference)
      : findValue(reference, this.sources, this.own);
  }

  /** What goes into a function counts as well as what comes out, so that many in each other stay bounded. */
  #apply(call: Call): JsonValue {
    const args = call.args.map((arg) => this.#argument(arg, call.name === DEFAULT));
    if (this.failure !== undefined) return null;
    const applied = FUNCTIONS.get(call.name)?.apply(args, { startedAt: this.sources.startedAt });
    if (applied?.kind === 'value') return this.#bounded(applied.value, call);
    const detail = applied?.detail ?? 'is no function';
    return this.#fail(FAILURE_CODES.PARAM_INVALID, `${call.text} ${detail}`);
  }

  /** @param isOptional it may have no value, which is null then */
  #argument(arg: Argument, isOptional: boolean): JsonValue {
    if (arg.from === 'literal') return arg.value;
    const isThere = !isOptional || arg.from === 'call' || this.#look(arg) !== undefined;
    return isThere ? this.#valueOf(arg) : null;
  }

  #bounded(value: JsonValue, { text }: Expression): JsonValue {
    this.#charsLeft -= charsOf(value, this.#charsLeft);
    if (this.#charsLeft >= 0) return value;
    const limit = `${RESOLVED_PARAMS_CHARS_MAX} characters`;
    return this.#fail(FAILURE_CODES.PARAM_TOO_LARGE, `The parameters exceed ${limit} at ${text}`);
  }

  #markOf({ name }: SecretReference): string | undefined {
    const { secretNonce } = this.sources.scope;
    return secretNonce === undefined ? undefined : secretMark(secretNonce, name);
  }

  #fail(code: FailureCode, message: string): null {
    this.failure = { kind: 'unresolved', code, message };
    return null;
  }
}
