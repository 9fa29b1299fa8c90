import { isJsonArray, isJsonObject, membersIn, type JsonValue } from '@app/json';

type Pair = readonly [name: string, value: JsonValue];

/**
 * Names with values in their order, of an object or of an array of `{name, value}`, in which a name may
 * come more than once; undefined when it is neither.
 */
export function pairsIn(value: JsonValue): readonly Pair[] | undefined {
  if (isJsonObject(value)) return membersIn(value);
  if (!isJsonArray(value)) return undefined;
  const pairs = value.flatMap((entry): readonly Pair[] => {
    const pair = pairOf(entry);
    return pair === undefined ? [] : [pair];
  });
  return pairs.length === value.length ? pairs : undefined;
}

function pairOf(entry: JsonValue): Pair | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { name, value } = entry;
  return typeof name === 'string' && value !== undefined ? [name, value] : undefined;
}
