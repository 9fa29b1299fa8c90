import {
  isJsonArray,
  isJsonContainer,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  membersIn,
} from '@app/json';
import { type Call, callsOf, type Expression, readExpression, referencesOf } from './expression.js';
import { type Reference } from './reference.js';

/** The parsed value of a parameter, so that a run parses nothing. */
export type Template =
  /** A value without a reference at any depth. */
  | { readonly kind: 'literal'; readonly value: JsonValue }
  /** Exactly one reference or function: the value keeps its type. */
  | { readonly kind: 'reference'; readonly reference: Expression }
  | { readonly kind: 'text'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Template])[] };

export type OnMalformed = (path: string, detail: string) => void;

/**
 * Parses every `$(...)` in a value. `$$(` is the escape of a plain `$(`. Names of members are literal. Calls
 * `malformed` with the path of the text for each `$(` that begins no expression, and takes it as plain text.
 * @param path the path of the value itself
 */
export function parseTemplate(value: JsonValue, path: string, malformed: OnMalformed): Template {
  if (typeof value === 'string') return parseText(value, path, malformed);
  if (!isJsonContainer(value)) return { kind: 'literal', value };
  if (isJsonArray(value)) {
    const items = value.map((item, at) => parseTemplate(item, `${path}[${at}]`, malformed));
    return items.every((item) => item.kind === 'literal')
      ? { kind: 'literal', value: items.map((item) => item.value) }
      : { kind: 'array', items };
  }
  return parseMembers(value, path, malformed);
}

function parseMembers(value: JsonObject, path: string, malformed: OnMalformed): Template {
  const members = membersIn(value).map(
    ([name, member]) => [name, parseTemplate(member, `${path}.${name}`, malformed)] as const,
  );
  const literals: [string, JsonValue][] = [];
  for (const [name, member] of members) {
    if (member.kind === 'literal') literals.push([name, member.value]);
  }
  return literals.length === members.length
    ? { kind: 'literal', value: jsonObjectOf(literals) }
    : { kind: 'object', members };
}

function parseText(text: string, path: string, malformed: OnMalformed): Template {
  const parts: (string | Expression)[] = [];
  let plain = '';
  let at = 0;
  for (;;) {
    const open = text.indexOf('$(', at);
    if (open === -1) break;
    if (text[open - 1] === '$' && open > at) {
      plain += text.slice(at, open - 1) + '$(';
      at = open + 2;
      continue;
    }
    plain += text.slice(at, open);
    const read = readExpression(text, open);
    if (read.kind === 'malformed') {
      malformed(path, read.detail);
      plain += '$(';
      at = open + 2;
      continue;
    }
    if (plain !== '') parts.push(plain);
    plain = '';
    parts.push(read.expression);
    at = read.end;
  }
  plain += text.slice(at);
  return templateOf(parts, plain);
}

function templateOf(parts: readonly (string | Expression)[], tail: string): Template {
  const [first] = parts;
  if (first === undefined) return { kind: 'literal', value: tail };
  if (typeof first !== 'string' && parts.length === 1 && tail === '') {
    return { kind: 'reference', reference: first };
  }
  return { kind: 'text', parts: tail === '' ? parts : [...parts, tail] };
}

/** All references in a template, at any depth, also in arguments of functions. */
export function referencesIn(template: Template): readonly Reference[] {
  return expressionsIn(template).flatMap(referencesOf);
}

/** All function calls in a template, at any depth, also in arguments of functions. */
export function callsIn(template: Template): readonly Call[] {
  return expressionsIn(template).flatMap(callsOf);
}

function expressionsIn(template: Template): readonly Expression[] {
  switch (template.kind) {
    case 'literal':
      return [];
    case 'reference':
      return [template.reference];
    case 'text':
      return template.parts.filter((part) => typeof part !== 'string');
    case 'array':
      return template.items.flatMap(expressionsIn);
    case 'object':
      return template.members.flatMap(([, member]) => expressionsIn(member));
  }
}
