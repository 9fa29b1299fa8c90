import {
  isJsonNumber,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  memberOf,
  membersIn,
} from '@app/json';
import { MASK, maskOf } from './mask.js';

/** The parameters of an event without the texts of those that are secrets. */
export interface WithoutSecrets {
  /** The parameters with `***` in the place of each secret, wherever it occurs. */
  readonly params: JsonObject;
  /** The texts by name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Takes the values of secret parameters out of what an event brings. */
export function withoutSecretParams(params: JsonObject, names: Iterable<string>): WithoutSecrets {
  const texts = secretTexts(params, names);
  if (texts.size === 0) return { params, texts };
  const mask = maskOf(texts.values());
  const without = membersIn(params).map(
    ([name, value]) => [name, texts.has(name) ? MASK : mask.value(value)] as const,
  );
  return { params: jsonObjectOf(without), texts };
}

/** The values of secret parameters that an event brings, by name. */
export function secretTexts(
  params: JsonObject,
  names: Iterable<string>,
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const name of names) {
    const text = textOf(memberOf(params, name));
    if (text !== undefined) texts.set(name, text);
  }
  return texts;
}

/** Members without the texts of secret parameters. */
export function masked<Members extends object>(
  members: Members,
  texts: ReadonlyMap<string, string>,
): Members {
  if (texts.size === 0) return members;
  return maskOf(texts.values()).value(members as JsonValue) as Members;
}

/** A number counts as its text, as it does for a parameter of type `string`. An empty text is no secret. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (isJsonNumber(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
