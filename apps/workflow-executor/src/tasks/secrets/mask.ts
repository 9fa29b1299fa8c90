import {
  isJsonArray,
  isJsonContainer,
  jsonObjectOf,
  type JsonObject,
  type JsonValue,
  membersIn,
  toJsonText,
} from '@app/json';
import { type TaskOutcome } from '../task-handler.js';
import { MASK, maskedTexts } from './masked-texts.js';
import { needlesOf } from './secret-needles.js';

/** Removes secrets from the outcome of a call, in case the target sent them back. */
export interface Mask {
  readonly outcome: (outcome: TaskOutcome) => TaskOutcome;
  readonly text: (text: string) => string;
  readonly value: (value: JsonValue) => JsonValue;
}

type MaskTexts = (texts: readonly string[]) => readonly string[];

/**
 * Makes a mask of secrets. It finds a secret in these forms: as it is; with any of its characters percent-encoded or
 * escaped as in JSON, in up to `LAYERS_MAX` layers; and inside base64 at any offset, wrapped or not. It does not find a
 * secret that a target changed otherwise, such as reversed or hashed. Of a secret of fewer than `SEARCHED_CHARS_MIN`
 * characters only whole values are found. The work is linear in the text and the secrets.
 *
 * @param wholes values that are secret as a whole: objects and arrays are emptied where they stand, others replaced
 */
export function maskOf(
  secrets: Iterable<string>,
  wholes: ReadonlySet<JsonValue> = new Set(),
): Mask {
  const all = new Set(secrets);
  // Made when they are needed: they take many times the bytes of the secrets, and a call may take long.
  let needles: ReturnType<typeof needlesOf> | undefined;
  const masked: MaskTexts = (texts) => {
    const found = maskedTexts(texts, (needles ??= needlesOf(all)));
    return texts.map((text, at) => (all.has(text) ? MASK : (found[at] ?? '')));
  };
  const text = (given: string): string => masked([given])[0] ?? '';
  const value = (given: JsonValue): JsonValue => maskedValue(given, wholes, masked);
  return { text, value, outcome: (outcome) => maskedOutcome(outcome, text, value) };
}

function maskedOutcome(
  outcome: TaskOutcome,
  text: Mask['text'],
  value: Mask['value'],
): TaskOutcome {
  if (outcome.kind === 'postponed') return outcome;
  const { results } = outcome;
  const masked = results && { results: value(results) as JsonObject };
  if (outcome.kind === 'succeeded') return { ...outcome, ...masked };
  return { ...outcome, message: text(outcome.message), ...masked };
}

/** The value with its texts masked, which are the names of members, too, and numbers. */
function maskedValue(value: JsonValue, wholes: ReadonlySet<JsonValue>, mask: MaskTexts): JsonValue {
  const texts: string[] = [];
  addTexts(texts, value, wholes);
  const masked = mask(texts);
  let at = 0;
  const next = (): string => masked[at++] ?? '';
  const rebuilt = (one: JsonValue): JsonValue => {
    if (wholes.has(one)) return isJsonArray(one) ? [] : isJsonContainer(one) ? {} : MASK;
    if (isJsonArray(one)) return one.map(rebuilt);
    if (isJsonContainer(one))
      return jsonObjectOf(membersIn(one).map(([, member]) => [next(), rebuilt(member)] as const));
    const before = texts[at];
    const after = next();
    if (after === before) return one;
    // A target may return a secret of digits as a number.
    return typeof one === 'string' ? after : MASK;
  };
  return rebuilt(value);
}

/** In the order in which they are put back. */
function addTexts(texts: string[], value: JsonValue, wholes: ReadonlySet<JsonValue>): void {
  if (wholes.has(value)) return;
  if (isJsonArray(value)) {
    for (const item of value) addTexts(texts, item, wholes);
  } else if (isJsonContainer(value)) {
    for (const [name, member] of membersIn(value)) {
      texts.push(name);
      addTexts(texts, member, wholes);
    }
  } else texts.push(typeof value === 'string' ? value : toJsonText(value));
}
