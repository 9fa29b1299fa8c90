import { hintFor } from '@app/errors';
import { type JsonObject, jsonObjectOf, type JsonValue, memberOf } from '@app/json';
import { RESOLVED_PARAMS_CHARS_MAX } from '../bounds.js';
import { FAILURE_CODES, type FailureCode } from '../state/failure.js';
import { charsOf, textOf } from '../json.js';
import { findValue, namesNear, type Sources } from './find-value.js';
import { type Argument, type Call, type Expression } from './expression.js';
import { DEFAULT, FUNCTIONS } from './functions.js';
import { BEYOND_STEPS } from './path-tail.js';
import { isSecretParam } from './typed-params.js';
import { type Reference } from './reference.js';
import { secretMark } from './secret-mark.js';
import { type Template } from './template.js';
import { type JoinText, type TextPart } from './text-part.js';

/** A parameter of a task. A list of them is in the order in which they must be resolved. */
export interface ParamTemplate {
  readonly name: string;
  readonly template: Template;
  /** Joins the parts of a text with references, such as a URL; absent inserts values as they are. */
  readonly join?: JoinText;
  /** The same for texts that are members of the value, by their names. */
  readonly joins?: ReadonlyMap<string, JoinText>;
}

export type Resolution =
  | { readonly kind: 'resolved'; readonly params: JsonObject }
  | { readonly kind: 'unresolved'; readonly code: FailureCode; readonly message: string };

/**
 * Resolves the parameters of a task. References are replaced in parsed values and never in JSON text, so no value
 * can change the structure around it. The value of a reference is not searched for references again. The total size
 * is bounded (`RESOLVED_PARAMS_CHARS_MAX`) before any text is built, so parameters that refer to each other can't
 * grow exponentially.
 */
export function resolveParams(params: readonly ParamTemplate[], sources: Sources): Resolution {
  const resolver = new Resolver(sources);
  for (const param of params) {
    resolver.own[param.name] = resolver.resolveParam(param);
    if (resolver.failure !== undefined) return resolver.failure;
  }
  return { kind: 'resolved', params: resolver.own };
}

type TextTemplate = Extract<Template, { kind: 'text' }>;

/** Keeps the first failure and the number of characters left. Its return values are meaningless after a failure. */
class Resolver {
  readonly own: Record<string, JsonValue> = {};
  failure: Extract<Resolution, { kind: 'unresolved' }> | undefined;
  #charsLeft = RESOLVED_PARAMS_CHARS_MAX;

  constructor(private readonly sources: Sources) {}

  resolveParam({ template, join, joins }: Omit<ParamTemplate, 'name'>): JsonValue {
    if (join !== undefined && template.kind === 'text') return this.#join(template.parts, join);
    if (joins === undefined || template.kind !== 'object') return this.#resolve(template);
    const members = template.members.map(([name, member]) => {
      const itsJoin = joins.get(name);
      return [
        name,
        this.resolveParam({ template: member, ...(itsJoin && { join: itsJoin }) }),
      ] as const;
    });
    return jsonObjectOf(members);
  }

  #resolve(template: Template): JsonValue {
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
        return template.items.map((item) => this.#resolve(item));
      case 'object':
        return jsonObjectOf(
          template.members.map(([name, member]) => [name, this.#resolve(member)]),
        );
    }
  }

  /** Resolves a text in which a value must not become syntax, such as a URL. */
  #join(parts: TextTemplate['parts'], join: JoinText): JsonValue {
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

  /** @param isOptional whether no value is null instead of a failure */
  #find(reference: Reference, isOptional = false): JsonValue {
    if (this.failure !== undefined) return null;
    const value = this.#look(reference);
    if (value === undefined) {
      if (isOptional) return null;
      return this.#fail(
        FAILURE_CODES.PARAM_UNRESOLVED,
        `${reference.text} has no value${this.#hint(reference)}`,
      );
    }
    if (value !== BEYOND_STEPS) return this.#bounded(value, reference);
    const message = `The path of ${reference.text} takes more than ${this.sources.pathStepsMax} steps; make it or the value smaller, or use fewer paths`;
    return this.#fail(FAILURE_CODES.PARAM_TOO_LARGE, message);
  }

  #hint(reference: Reference): string {
    if (reference.from === 'secret') return '';
    const names = namesNear(reference, this.sources, this.own);
    // If the name exists, a step behind it found nothing, and a similar name would be no help.
    return names.includes(reference.name) ? '' : hintFor(reference.name, names);
  }

  #look(reference: Reference): JsonValue | undefined | typeof BEYOND_STEPS {
    if (reference.from === 'secret') return this.#markOf(reference);
    const { given, secretParams } = this.sources;
    if (!isSecretParam(reference, secretParams))
      return findValue(reference, this.sources, this.own);
    // Only an event brings a secret parameter, and nobody may see one that another layer has under its name.
    return memberOf(given, reference.name) === undefined ? undefined : this.#markOf(reference);
  }

  /** Arguments and value both count against the bound, so that nested calls stay bounded. */
  #apply(call: Call): JsonValue {
    const args = call.args.map((arg) => this.#argument(arg, call.name === DEFAULT));
    if (this.failure !== undefined) return null;
    const context = { startedAt: this.sources.startedAt, charsMax: this.#charsLeft };
    const applied = FUNCTIONS.get(call.name)?.apply(args, context);
    if (applied?.kind === 'value') return this.#bounded(applied.value, call);
    if (applied?.kind === 'too-large') return this.#tooLarge(call);
    const detail = applied?.detail ?? 'is no function';
    return this.#fail(FAILURE_CODES.PARAM_INVALID, `${call.text} ${detail}`);
  }

  /** @param isOptional whether a reference without a value is null instead of a failure */
  #argument(arg: Argument, isOptional: boolean): JsonValue {
    if (arg.from === 'literal') return arg.value;
    return arg.from === 'call' ? this.#apply(arg) : this.#find(arg, isOptional);
  }

  #bounded(value: JsonValue, expression: Expression): JsonValue {
    this.#charsLeft -= charsOf(value, this.#charsLeft);
    return this.#charsLeft >= 0 ? value : this.#tooLarge(expression);
  }

  #tooLarge({ text }: Expression): null {
    const limit = `${RESOLVED_PARAMS_CHARS_MAX} characters`;
    return this.#fail(FAILURE_CODES.PARAM_TOO_LARGE, `The parameters exceed ${limit} at ${text}`);
  }

  #markOf({ name }: Reference): string | undefined {
    const { secretNonce } = this.sources.scope;
    return secretNonce === undefined ? undefined : secretMark(secretNonce, name);
  }

  #fail(code: FailureCode, message: string): null {
    this.failure = { kind: 'unresolved', code, message };
    return null;
  }
}
