import { isJsonArray, isJsonObject, type JsonValue, memberOf } from '@app/json';

/** A path of names and indexes alone, as RFC 9535 writes them; others are for the library. */
const PLAIN =
  /^\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:0|[1-9]\d{0,8})\]|\['[^'\\]*'\]|\["[^"\\]*"\])*$/;
const STEP = /\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\['([^'\\]*)'\]|\["([^"\\]*)"\]/g;

/**
 * How to walk a path that leads to one value at most: it takes a lookup a step, and no copy of the event. Most paths
 * of filters are such. @returns undefined for any other path
 */
export function plainPath(
  text: string,
): ((document: JsonValue) => JsonValue | undefined) | undefined {
  if (!PLAIN.test(text)) return undefined;
  const steps = [...text.matchAll(STEP)].map(([, name, index, single, double]) =>
    index === undefined ? (name ?? single ?? double ?? '') : Number(index),
  );
  return (document) => {
    let value: JsonValue | undefined = document;
    for (const step of steps) {
      value = next(value, step);
      if (value === undefined) return undefined;
    }
    return value;
  };
}

/** A name leads into objects alone, an index into lists alone. */
function next(value: JsonValue, step: string | number): JsonValue | undefined {
  if (typeof step === 'number') return isJsonArray(value) ? value[step] : undefined;
  return isJsonObject(value) ? memberOf(value, step) : undefined;
}
