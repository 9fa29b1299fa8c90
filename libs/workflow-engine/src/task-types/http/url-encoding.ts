import { isJsonArray, isJsonObject, type JsonValue, uriComponent } from '@app/json';
import { FIELDS_CHARS_MAX } from '../../bounds.js';
import { textOf } from '../../json.js';
import { pairsIn } from './headers.js';

/** What `uriComponent` leaves as it is although RFC 3986 reserves it (section 2.2). */
const RESERVED_LEFT = /[!'()*]/g;

/** A text as one component of a URL: nothing in it can end the component (RFC 3986, section 2.1). */
export function encodeComponent(text: string): string {
  return uriComponent(text).replace(
    RESERVED_LEFT,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Names and values in their order; a name may come more than once. */
export type Fields = readonly (readonly [name: string, value: string])[];

/**
 * Reads fields from an object (a list gives its name several times, null leaves it out) or an array of
 * `{name, value}`; undefined when it is neither, a value is no text, number or boolean, or all are longer than
 * `FIELDS_CHARS_MAX`: a list repeats its name.
 */
export function readFields(value: JsonValue): Fields | undefined {
  const pairs = pairsIn(value);
  if (pairs === undefined) return undefined;
  const fields: (readonly [string, string])[] = [];
  let chars = 0;
  for (const [name, given] of pairs) {
    for (const each of isJsonArray(given) ? given : [given]) {
      if (isJsonArray(each) || isJsonObject(each)) return undefined;
      if (each === null) continue;
      const text = textOf(each);
      chars += name.length + text.length;
      if (chars > FIELDS_CHARS_MAX) return undefined;
      fields.push([name, text]);
    }
  }
  return fields;
}

/** As a query of a URL; a space is `%20`, which every reader of queries understands. */
function queryOf(fields: Fields): string {
  return fields.map((field) => field.map(encodeComponent).join('=')).join('&');
}

/** As the body of a form, `application/x-www-form-urlencoded` (URL standard): a space is `+`. */
export function formOf(fields: Fields): string {
  return queryOf(fields).replaceAll('%20', '+');
}

/** Adds fields to what a URL has of a query already, before its fragment. */
export function withQuery(url: string, fields: Fields): string {
  if (fields.length === 0) return url;
  const hash = url.indexOf('#');
  const target = hash === -1 ? url : url.slice(0, hash);
  const glue = /[?&]$/.test(target) ? '' : target.includes('?') ? '&' : '?';
  return target + glue + queryOf(fields) + (hash === -1 ? '' : url.slice(hash));
}
