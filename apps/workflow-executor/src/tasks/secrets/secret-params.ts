import {
  isJsonContainer,
  isJsonNumber,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  memberOf,
  membersIn,
} from '@app/json';
import { MASK, type Mask, maskOf } from './mask.js';

/** The parameters of an event without the texts of those that are secrets. */
export interface WithoutSecrets {
  /** The parameters with `***` in the place of each secret, wherever it occurs. */
  readonly params: JsonObject;
  /** The texts by name. */
  readonly texts: ReadonlyMap<string, string>;
}

/** The texts that a run inserts, and all that is taken out of what others see. */
interface SecretValues {
  readonly texts: ReadonlyMap<string, string>;
  readonly mask: Mask;
}

/**
 * Takes the values of secret parameters out of what an event brings. A value that is no text is emptied.
 * @param places in the event that may have parameters; the members of one may override those of another
 */
export function withoutSecretParams(
  params: JsonObject,
  names: Iterable<string>,
  places: () => readonly JsonObject[],
): WithoutSecrets {
  const values = secretValues(params, names, places);
  if (values === undefined) return { params, texts: new Map() };
  const { texts, mask } = values;
  const without = membersIn(params).map(
    ([name, value]) => [name, texts.has(name) ? MASK : mask.value(value)] as const,
  );
  return { params: jsonObjectOf(without), texts };
}

/**
 * The mask of the secret parameters that an event brings, for that event and not for a copy of it.
 * @returns undefined if it brings none
 */
export function secretParamsMask(
  params: JsonObject,
  names: Iterable<string>,
  places: () => readonly JsonObject[],
): Mask | undefined {
  return secretValues(params, names, places)?.mask;
}

function secretValues(
  params: JsonObject,
  names: Iterable<string>,
  places: () => readonly JsonObject[],
): SecretValues | undefined {
  const secrets = [...names];
  // Most workflows have none, and each event comes by here.
  if (secrets.length === 0) return undefined;
  const texts = new Map<string, string>();
  const all = new Set<string>();
  const containers = new Set<JsonValue>();
  const where = [params, ...places()];
  for (const name of secrets) {
    const text = textOf(memberOf(params, name));
    if (text !== undefined) texts.set(name, text);
    for (const value of where.map((place) => memberOf(place, name))) {
      const one = textOf(value);
      if (one !== undefined) all.add(one);
      if (isJsonContainer(value)) containers.add(value);
    }
  }
  if (all.size + containers.size === 0) return undefined;
  return { texts, mask: maskOf(all, containers) };
}

/** A number counts as its text, as it does for a parameter of type `string`. An empty text is no secret. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (isJsonNumber(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
