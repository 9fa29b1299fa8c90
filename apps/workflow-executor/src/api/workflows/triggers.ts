import { hintFor, type Problem } from '@app/errors';
import { TRIGGER_KINDS } from '@app/events';
import { compileFilter, type FilterLimits } from '@app/filters';
import { isJsonObject, type JsonValue } from '@app/json';

const SHAPE = `must be an object of {"enabled": true|false, "filter"?} by ${TRIGGER_KINDS.join(', ')}`;

/** Every workflow may name this kind, as exports and forms of Boomerang do, but nothing fires it. */
const NEVER_FIRED = 'schedule';
const NO_SCHEDULE =
  'there are no schedules: a trigger that is on would start nothing. Disable it, and let a timer of your own send events ' +
  'to the workflow';

/**
 * The problems of triggers by kind, each `{ enabled, filter? }`.
 * @param limits of a filter
 * @param without a value that stands for no filter: null, where it removes the filter
 */
export function triggerProblems(
  triggers: unknown,
  limits: FilterLimits,
  { without }: { readonly without?: null } = {},
): readonly Problem[] {
  if (triggers === undefined) return [];
  // What a body has is JSON.
  const given = triggers as JsonValue;
  if (!isJsonObject(given)) return [{ path: 'triggers', detail: SHAPE }];
  const known: readonly string[] = TRIGGER_KINDS;
  return Object.entries(given).flatMap(([kind, trigger]) => {
    if (!known.includes(kind)) {
      return { path: 'triggers', detail: `${SHAPE}; there is no "${kind}"${hintFor(kind, known)}` };
    }
    if (!isTrigger(trigger)) return { path: 'triggers', detail: SHAPE };
    if (kind === NEVER_FIRED && trigger['enabled'] === true) {
      return [{ path: `triggers.${kind}.enabled`, detail: NO_SCHEDULE }];
    }
    const filter = trigger['filter'];
    if (filter === undefined || filter === without) return [];
    const compilation = compileFilter(filter, `triggers.${kind}.filter`, limits);
    return compilation.kind === 'invalid' ? compilation.problems : [];
  });
}

function isTrigger(trigger: JsonValue): trigger is Readonly<Record<string, JsonValue>> {
  return (
    isJsonObject(trigger) &&
    typeof trigger['enabled'] === 'boolean' &&
    Object.keys(trigger).every((name) => name === 'enabled' || name === 'filter')
  );
}
