import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
} from '@app/json';
import { membersIn } from '@app/json';
import { type Reference } from '../parameters/reference.js';
import { parseTemplate, referencesIn } from '../parameters/template.js';
import { type ExportContext, itemsOf, namesOf } from './export-context.js';

/** The facts about a run that both systems give it. */
const CONTEXT = ['workflowrun-ref', 'workflowrun-trigger', 'workflow-ref', 'workflow-version'];
/** The facts that only Boomerang gives it; they can be referred to without a scope, too. */
const CONTEXT_THERE: readonly string[] = [
  ...['workflowrun-initiator', 'workflowrun-id', 'workflow-name', 'workflow-displayname', 'tokens'],
  ...['taskrun-ref', 'taskrun-id', 'taskrun-name', 'taskrun-type'],
  ...['webhook-url', 'wfe-url', 'event-url'],
];

function references(value: JsonValue): readonly Reference[] {
  // Malformed references are reported by the validation.
  return [...referencesIn(parseTemplate(value, '', () => undefined))];
}

/** Reports references to facts about the run that this system does not have: they would fail every run. */
export function reportContext(
  params: JsonValue | undefined,
  path: string,
  { problems, declared }: ExportContext,
): void {
  const own = new Set([...namesOf(params), ...declared]);
  for (const [at, param] of itemsOf(params).entries()) {
    const value = isJsonObject(param) ? param['value'] : undefined;
    if (value !== undefined && hasEscape(value)) problems.add(`${path}[${at}].value`, ESCAPE);
    for (const { from, name, text } of value === undefined ? [] : references(value)) {
      const isScoped = from === 'context' && !CONTEXT.includes(name);
      const isPlain = from === 'params' && CONTEXT_THERE.includes(name) && !own.has(name);
      if (!isScoped && !isPlain) continue;
      const detail = `${text}: a run is told ${CONTEXT.join(', ')} of itself here; write what is meant, or declare a parameter`;
      problems.add(`${path}[${at}].value`, detail);
    }
  }
}

/**
 * The reference in a value to another parameter of the same task, if there is one. It can't be resolved here,
 * because only the worker, or the run that the task begins, gets those parameters.
 */
export function siblingIn(
  value: JsonValue,
  own: string,
  names: ReadonlySet<string>,
): string | undefined {
  return references(value).find(
    ({ from, name }) => from === 'params' && name !== own && names.has(name),
  )?.text;
}

const ESCAPE =
  'has "$$(", which means a plain "$(" here: put something between the first "$" and the reference';

function hasEscape(value: JsonValue): boolean {
  if (typeof value === 'string')
    return /\$\$\((?:params|workflow|team|global|context|tasks)[.[]/.test(value);
  const inside = isJsonArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
  return inside.some(hasEscape);
}

const OURS = /(?:params|(?:workflow|team|global|context)\.params|tasks)[.[]/y;

/** Escapes each `$(` that begins no reference of Boomerang, such as a command substitution of a shell. */
export function withoutShell(value: JsonValue): JsonValue {
  return mapTexts(value, (text) =>
    text.replaceAll('$(', (open, at: number) => {
      OURS.lastIndex = at + open.length;
      return OURS.test(text) ? open : `$${open}`;
    }),
  );
}

/** Escapes every `$(`, so that the worker gets the text as it was written. */
export function asWritten(value: JsonValue): JsonValue {
  return mapTexts(value, (text) => text.replaceAll('$(', () => '$$('));
}

function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value);
  if (isJsonArray(value)) return value.map((item) => mapTexts(item, change));
  return isJsonObject(value) ? mapMembers(value, change) : value;
}

function mapMembers(object: JsonObject, change: (text: string) => string): JsonObject {
  return jsonObjectOf(
    membersIn(object).map(([name, member]) => [name, mapTexts(member, change)] as const),
  );
}
