import { isJsonObject, type JsonObject, jsonObjectOf, type JsonValue, membersIn } from '@app/json';
import { type Concurrency } from '../definition/definition.js';
import { durationText } from '../definition/duration.js';

/** Members of `concurrency` that are durations, with their names in the long form. */
const DURATIONS: ReadonlyMap<string, string> = new Map([
  ['debounce', 'debounceMs'],
  ['throttle', 'throttleMs'],
]);

/** Converts `concurrency` of the short form to the long one. A value that is no object is left to the validation. */
export function longConcurrency(
  written: JsonValue,
  duration: (value: JsonValue, long: string, short: string) => JsonValue,
  misspelt: (name: string) => void,
): JsonValue {
  if (!isJsonObject(written)) return written;
  const members = membersIn(written).flatMap(([name, value]): [string, JsonValue][] => {
    const long = DURATIONS.get(name);
    if (long !== undefined) {
      return [[long, duration(value, `concurrency.${long}`, `concurrency.${name}`)]];
    }
    if (![...DURATIONS.values()].includes(name)) return [[name, value]];
    misspelt(name);
    return [];
  });
  return jsonObjectOf(members);
}

export function shortConcurrency({ debounceMs, throttleMs, ...rest }: Concurrency): JsonObject {
  return {
    ...rest,
    ...(debounceMs !== undefined && { debounce: durationText(debounceMs) }),
    ...(throttleMs !== undefined && { throttle: durationText(throttleMs) }),
  };
}
