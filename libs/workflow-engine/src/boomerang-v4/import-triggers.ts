import { isJsonObject, type JsonObject, jsonObjectOf, type JsonValue, membersIn } from '@app/json';
import {
  type ExportContext,
  isEmpty,
  itemsOf,
  presentMembers,
  reportBoth,
  reportUnknown,
} from './export-context.js';

/** The kinds of triggers by their names in Boomerang; the first version 4 had other names for two of them. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ...['manual', 'schedule', 'webhook', 'event', 'github'].map((kind) => [kind, kind] as const),
  ['scheduler', 'schedule'],
  ['custom', 'event'],
]);

const NO_SCHEDULE =
  'schedules are not supported: disable it, and let a timer of your own send events to the workflow';
const CONDITIONS_IGNORED =
  'Boomerang ignores conditions of all triggers but "event": remove them, and give this trigger a "filter" after the import';

/** Imports whether each trigger is enabled; the conditions of `event` become its filter. */
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
  const isFiredByNothing = kind === 'schedule' && enabled === true;
  if (isFiredByNothing) problems.add(`${path}.enabled`, NO_SCHEDULE);
  // Reported once: the workflow itself is read as if it were off.
  const has = enabled === undefined ? {} : { enabled: isFiredByNothing ? false : enabled };
  if (isEmpty(conditions)) return has;
  if (kind !== 'event') {
    problems.add(`${path}.conditions`, CONDITIONS_IGNORED);
    return has;
  }
  places.set(`triggers.${kind}.filter.conditions`, `${path}.conditions`);
  const filter = itemsOf(conditions).map((condition) =>
    isJsonObject(condition) ? importCondition(condition) : condition,
  );
  return { ...has, filter: { conditions: filter } };
}

/** An exported condition has both `value` and `values`; the operation says which one counts. */
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
