import { type JsonObject, type JsonValue } from './json-value.js';

/**
 * Whether two parsed JSON values say the same: the order of members is no difference, that of
 * elements is. Numbers are compared as the doubles they were parsed to. Walks with a list of its
 * own, so nesting can't exhaust the call stack.
 */
export function isSameJson(a: JsonValue, b: JsonValue): boolean {
  const pairs: [JsonValue, JsonValue][] = [[a, b]];
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [left, right] = pair;
    if (left === right) continue;
    if (!isContainer(left) || !isContainer(right)) return false;
    if (!pushChildren(left, right, pairs)) return false;
  }
  return true;
}

type Container = readonly JsonValue[] | JsonObject;

function isContainer(value: JsonValue): value is Container {
  return typeof value === 'object' && value !== null;
}

/** False when the two differ in kind, size or keys. */
function pushChildren(a: Container, b: Container, pairs: [JsonValue, JsonValue][]): boolean {
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as JsonObject;
  const right = b as JsonObject;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  for (const key of keys) {
    const leftChild = left[key];
    const rightChild = Object.hasOwn(right, key) ? right[key] : undefined;
    if (leftChild === undefined || rightChild === undefined) return false;
    pairs.push([leftChild, rightChild]);
  }
  return true;
}
