import {
  isJsonArray,
  isJsonContainer,
  isJsonNumber,
  type JsonObject,
  type JsonValue,
} from './json-value.js';
import { isSameNumber } from './number-order.js';

type Container = readonly JsonValue[] | JsonObject;

/**
 * Whether two JSON values are equal. The order of members does not count, the order of elements does. Numbers are
 * equal if their exact decimal values are. Not recursive, so nesting can't exhaust the call stack.
 */
export function isSameJson(a: JsonValue, b: JsonValue): boolean {
  const pairs: [JsonValue, JsonValue][] = [[a, b]];
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [left, right] = pair;
    if (left === right) continue;
    if (isJsonNumber(left) && isJsonNumber(right)) {
      if (!isSameNumber(left, right)) return false;
      continue;
    }
    if (!isJsonContainer(left) || !isJsonContainer(right)) return false;
    if (!pushChildren(left, right, pairs)) return false;
  }
  return true;
}

/** False when the two differ in kind, size or keys. */
function pushChildren(a: Container, b: Container, pairs: [JsonValue, JsonValue][]): boolean {
  if (isJsonArray(a) !== isJsonArray(b)) return false;
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
