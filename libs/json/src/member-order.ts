import { type JsonObject, type JsonValue } from './json-value.js';

/**
 * The original order of members, for objects whose order JavaScript does not keep because it puts integer names
 * first. The order is kept outside of the objects, so that they are plain objects.
 */
const orders = new WeakMap<object, readonly string[]>();

const ZERO = 0x30;
const NINE = 0x39;

/**
 * An object with these members in this order, whatever their names; `__proto__` becomes an own member. If a name
 * occurs several times, it has the value of the last and the position of the first.
 */
export function jsonObjectOf(members: Iterable<readonly [string, JsonValue]>): JsonObject {
  const byName = new Map(members);
  const object = Object.fromEntries(byName);
  if (isReordered(object)) orders.set(object, [...byName.keys()]);
  return object;
}

/** The names of an object's members in the order in which they came. */
export function namesIn(object: object): readonly string[] {
  const names = Object.keys(object);
  if (!beginsWithDigit(names[0])) return names;
  const order = orders.get(object);
  return order?.length === names.length ? order : names;
}

/** The members of an object in the order in which they came. */
export function membersIn(object: JsonObject): readonly (readonly [string, JsonValue])[] {
  return namesIn(object).map((name) => [name, object[name] ?? null] as const);
}

/** Whether the order of an object's members may differ from JavaScript's: the first name begins with a digit. */
export function isReordered(object: object): boolean {
  for (const name in object) return beginsWithDigit(name);
  return false;
}

function beginsWithDigit(name: string | undefined): boolean {
  const code = name?.charCodeAt(0) ?? 0;
  return code >= ZERO && code <= NINE;
}
