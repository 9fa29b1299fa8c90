import {
  isJsonContainer,
  isJsonNumber,
  type JsonObject,
  jsonObjectOf,
  type JsonValue,
  memberOf,
  membersIn,
} from '@app/json';
import { SECRET_CHARS_MAX } from '@app/workflow-engine';
import { type Mask, maskOf } from './mask.js';
import { MASK } from './masked-texts.js';

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
  /** Values that can't be sent, and are only taken out. */
  readonly wholes: ReadonlySet<JsonValue>;
  readonly mask: Mask;
}

/**
 * Takes the values of secret parameters out of what an event brings. A value that is no text, or too long a one, is
 * emptied, so that the run is refused.
 * @param places in the event that may have parameters; the members of one may override those of another
 */
export function withoutSecretParams(
  params: JsonObject,
  names: Iterable<string>,
  places: () => readonly JsonObject[],
): WithoutSecrets {
  const values = secretValues(params, names, places);
  if (values === undefined) return { params, texts: new Map() };
  const { texts, wholes, mask } = values;
  const without = membersIn(params).map(([name, value]) => {
    if (texts.has(name)) return [name, MASK] as const;
    const masked = mask.value(value);
    // Of a text that is too long nothing may look like a text.
    return [name, wholes.has(value) && masked === MASK ? {} : masked] as const;
  });
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
  const wholes = new Set<JsonValue>();
  const where = [params, ...places()];
  for (const name of secrets) {
    const text = textOf(memberOf(params, name));
    if (text !== undefined) texts.set(name, text);
    for (const value of where.map((place) => memberOf(place, name))) {
      const one = textOf(value);
      if (one !== undefined) all.add(one);
      else if (value !== undefined && (isJsonContainer(value) || isTooLong(value)))
        wholes.add(value);
    }
  }
  if (all.size + wholes.size === 0) return undefined;
  return { texts, wholes, mask: maskOf(all, wholes) };
}

/**
 * A number counts as its text, as it does for a parameter of type `string`. An empty text is no secret, and one that is
 * too long is none that is sent.
 */
function textOf(value: JsonValue | undefined): string | undefined {
  const text = isJsonNumber(value) ? String(value) : value;
  return typeof text === 'string' && text !== '' && !isTooLong(text) ? text : undefined;
}

/** A search for the text would take many times its bytes, and anybody who may send an event chooses it. */
function isTooLong(value: JsonValue): boolean {
  const text = isJsonNumber(value) ? String(value) : value;
  return typeof text === 'string' && text.length > SECRET_CHARS_MAX;
}
