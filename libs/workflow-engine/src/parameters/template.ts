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

/** A parameter's value, read once so that resolving it parses nothing. */
export type Template =
  /** Holds no reference at any depth. */
  | { readonly kind: 'literal'; readonly value: JsonValue }
  /** Exactly one reference or function: the value keeps its type. */
  | { readonly kind: 'reference'; readonly reference: Expression }
  | { readonly kind: 'text'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Template])[] };

export type OnMalformed = (path: string, detail: string) => void;

/**
 * Reads every `$(...)` in a value; `$$(` stands for a plain `$(`. Names of members are taken as
 * they are. Calls `malformed` with the path below `path` for each `$(` that is no reference.
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

/** Every reference in a template, at any depth, also in functions. */
export function referencesIn(template: Template): readonly Reference[] {
  return expressionsIn(template).flatMap(referencesOf);
}

/** Every function in a template, at any depth, also in functions. */
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
