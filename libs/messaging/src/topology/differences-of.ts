import { isDeepStrictEqual } from 'node:util';

/** What a field is, and what it should be, for each field of `declared` that is different. */
export function differencesOf(declared: object, actual: object): readonly string[] {
  const found = new Map(Object.entries(actual));
  return Object.entries(declared)
    .filter(([field, wanted]) => !isDeepStrictEqual(found.get(field), wanted))
    .map(([field, wanted]) => `${field} is ${text(found.get(field))}, not ${text(wanted)}`);
}

function text(value: unknown): string {
  return value === undefined ? 'unset' : JSON.stringify(value);
}
