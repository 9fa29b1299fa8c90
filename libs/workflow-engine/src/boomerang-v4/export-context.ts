import { hintFor } from '@app/errors';
import { doubleOf, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@app/json';
import { isJsonContainer, isSameJson, jsonObjectOf, memberOf, membersIn } from '@app/json';
import { type Places } from '../definition-forms/places.js';
import { MINUTE_MS } from '../time-units.js';
import { type ProblemList } from '../validation/problem-list.js';

/** What the functions of one import share. */
export interface ExportContext {
  readonly problems: ProblemList;
  /** Maps each path of the long form to the path of the export that it was made of. */
  readonly places: Places;
  /** The names of the parameters that the workflow declares. */
  readonly declared: ReadonlySet<string>;
}

/** The members that are not null: Boomerang writes null for absent members. */
export function presentMembers(object: JsonObject): JsonObject {
  return jsonObjectOf(membersIn(object).filter(([, value]) => value !== null));
}

export function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  return isJsonContainer(value) && Object.keys(value).length === 0;
}

/** The members that are not empty (see `isEmpty`). */
export function filledMembers(
  members: Readonly<Record<string, JsonValue | undefined>>,
): JsonObject {
  const isFilled = (entry: [string, JsonValue | undefined]): entry is [string, JsonValue] =>
    !isEmpty(entry[1]);
  return jsonObjectOf(Object.entries(members).filter(isFilled));
}

export function itemsOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(value) ? value : [];
}

export function textIn(object: JsonObject, name: string): string | undefined {
  const value = memberOf(object, name);
  return typeof value === 'string' ? value : undefined;
}

/** The names of a list's objects: their `name` or `key`. Objects with neither are reported by the validation. */
export function namesOf(list: JsonValue | undefined): readonly string[] {
  return itemsOf(list).flatMap((item) =>
    isJsonObject(item) ? (textIn(item, 'name') ?? textIn(item, 'key') ?? []) : [],
  );
}

export function reportUnknown(
  object: JsonObject,
  known: readonly string[],
  path: string,
  { problems }: ExportContext,
): void {
  for (const name of Object.keys(object)) {
    if (known.includes(name)) continue;
    const at = path === '' ? name : `${path}.${name}`;
    const detail = `is no member of an export of Boomerang Flow v4${hintFor(name, known)}`;
    problems.add(at, detail);
  }
}

/** Reports a member that is given under its name of an older version, too, with a different value. */
export function reportBoth(
  object: JsonObject,
  name: string,
  older: string,
  path: string,
  { problems }: ExportContext,
): void {
  const [value, other] = [object[name], object[older]];
  if (value === undefined || other === undefined || isSameJson(value, other)) return;
  problems.add(
    `${path}.${older}`,
    `is an older name of "${name}", which is given, too: remove one of them`,
  );
}

/** Converts a timeout in minutes. 0 and negative numbers mean no limit in Boomerang. */
export function timeoutOf(
  minutes: JsonValue | undefined,
  path: string,
  { problems, places }: ExportContext,
): { readonly timeoutMs?: number } {
  const prefix = path === '' ? '' : `${path}.`;
  places.set(`${prefix}timeoutMs`, `${prefix}timeout`);
  if (minutes === undefined) return {};
  const count = doubleOf(minutes);
  if (count === undefined) {
    problems.add(`${prefix}timeout`, 'must be a number of minutes');
    return {};
  }
  return count <= 0 ? {} : { timeoutMs: Math.round(count * MINUTE_MS) };
}

/** Reports `retries`: in Boomerang they repeat a run that timed out, and only that. */
export function reportRetries(
  retries: JsonValue | undefined,
  path: string,
  { problems }: ExportContext,
): void {
  if (retries === undefined || (doubleOf(retries) ?? 1) <= 0) return;
  const detail =
    'repeats runs that timed out, and a "timeout" here is for all attempts together: set it to 0, and give ' +
    'the imported workflow, or its tasks, a "retry"';
  problems.add(path === '' ? 'retries' : `${path}.retries`, detail);
}

export function reportWorkspaces(
  workspaces: JsonValue | undefined,
  path: string,
  { problems }: ExportContext,
): void {
  if (isEmpty(workspaces)) return;
  const detail = 'are not supported: remove them, and let workers share storage of their own';
  problems.add(path === '' ? 'workspaces' : `${path}.workspaces`, detail);
}
