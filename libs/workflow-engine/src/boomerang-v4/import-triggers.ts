import { isJsonObject, type JsonObject, jsonObjectOf, type JsonValue, membersIn } from '@app/json';
import {
  type ExportContext,
  isEmpty,
  itemsOf,
  presentMembers,
  reportBoth,
  reportUnknown,
} from './export-context.js';

/** By their names in Boomerang; the first version 4 called two of them otherwise. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ...['manual', 'schedule', 'webhook', 'event', 'github'].map((kind) => [kind, kind] as const),
  ['scheduler', 'schedule'],
  ['custom', 'event'],
]);

const NO_SCHEDULE =
  'nothing fires it here: switch it off, and let a timer of yours send the workflow an event';
const UNHEEDED =
  'Boomerang heeds conditions of the trigger "event" alone: take them out, and give this one a "filter" once it is imported';

/** Switches by kind; the conditions of `event` become its filter. */
export function importTriggers(triggers: JsonValue, context: ExportContext): JsonValue {
  if (!isJsonObject(triggers)) return triggers;
  const given = presentMembers(triggers);
  reportUnknown(given, [...KINDS.keys()], 'triggers', context);
  reportBoth(given, 'schedule', 'scheduler', 'triggers', context);
  reportBoth(given, 'event', 'custom', 'triggers', context);
  return jsonObjectOf(
    membersIn(given).flatMap(([name, trigger]) => {
      const kind = KINDS.get(name);
      return kind === undefined ? [] : [[kind, importTrigger(name, kind, trigger, context)]];
    }),
  );
}

function importTrigger(
  name: string,
  kind: string,
  trigger: JsonValue,
  context: ExportContext,
): JsonValue {
  if (!isJsonObject(trigger)) return trigger;
  const { problems, places } = context;
  const path = `triggers.${name}`;
  const given = presentMembers(trigger);
  reportUnknown(given, ['enabled', 'conditions'], path, context);
  const { enabled, conditions } = given;
  if (kind === 'schedule' && enabled === true) problems.add(`${path}.enabled`, NO_SCHEDULE);
  const has = enabled === undefined ? {} : { enabled };
  if (isEmpty(conditions)) return has;
  if (kind !== 'event') {
    problems.add(`${path}.conditions`, UNHEEDED);
    return has;
  }
  places.set(`triggers.${kind}.filter.conditions`, `${path}.conditions`);
  const filter = itemsOf(conditions).map((condition) =>
    isJsonObject(condition) ? importCondition(condition) : condition,
  );
  return { ...has, filter: { conditions: filter } };
}

/** It has both `value` and `values` there; which counts says the operation. */
function importCondition(condition: JsonObject): JsonObject {
  const { value, values, ...rest } = presentMembers(condition);
  const what = rest['operation'] === 'in' ? { values } : { value };
  return presentMembers({ ...rest, ...jsonObjectOf(definedIn(what)) });
}

function definedIn(
  members: Readonly<Record<string, JsonValue | undefined>>,
): readonly (readonly [string, JsonValue])[] {
  return Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}
