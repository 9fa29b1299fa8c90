import { randomBytes } from 'node:crypto';
import {
  ExactNumber,
  isJsonArray,
  isJsonContainer,
  isJsonObject,
  jsonObjectOf,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
  membersIn,
  parseJsonWithin,
  toJsonText,
} from '@app/json';

const INTEGER = /^-?\d+$/;

/** A random prefix of the texts that stand for large integers. A script can't predict it. */
export function newMark(): string {
  return `${randomBytes(12).toString('hex')}:`;
}

/**
 * The JSON of a value for a script. An integer that a double can't hold is written as a text that begins with `mark`, which
 * the sandbox converts to a BigInt. Any other number becomes the nearest double.
 */
export function inputText(value: JsonValue, mark: string): string {
  return toJsonText(marked(value, mark));
}

export type ScriptResults =
  | { readonly kind: 'results'; readonly results: JsonObject }
  | { readonly kind: 'invalid'; readonly detail: string };

/** The results of a script: the members of the returned object, or any other value as `value`. */
export function resultsOf(
  json: string | undefined,
  mark: string,
  limits: JsonLimits,
): ScriptResults {
  if (json === undefined) return { kind: 'results', results: {} };
  const text = json.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
  const parse = parseJsonWithin(text, limits);
  if (parse.kind === 'beyond') return { kind: 'invalid', detail: parse.detail };
  const { value } = parse;
  return { kind: 'results', results: isJsonObject(value) ? value : { value } };
}

function marked(value: JsonValue, mark: string): JsonValue {
  if (value instanceof ExactNumber) {
    return INTEGER.test(value.text) && !Number.isSafeInteger(Number(value.text))
      ? mark + value.text
      : value;
  }
  if (!isJsonContainer(value)) return value;
  if (isJsonArray(value)) return value.map((item) => marked(item, mark));
  return jsonObjectOf(membersIn(value).map(([name, member]) => [name, marked(member, mark)]));
}
