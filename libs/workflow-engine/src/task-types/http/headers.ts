import { isJsonArray, isJsonObject, type JsonValue, membersIn } from '@app/json';
import { textOf } from '../../json.js';

/** Names as they were written; a name that is there twice is sent twice. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** RFC 9110, 5.6.2: a token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110, 5.5, without obs-text: a line break would begin another header. */
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** Those that say how a message is framed or what becomes of its connection: whoever sends it does. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Undefined when it is neither an object nor an array of `{name, value}`, or one of them can't be sent. */
export function readHeaders(value: JsonValue): Headers | undefined {
  const pairs = pairsIn(value);
  if (pairs === undefined) return undefined;
  const headers: (readonly [string, string])[] = [];
  for (const [name, given] of pairs) {
    if (!HEADER_NAME.test(name) || OF_THE_CONNECTION.has(name.toLowerCase())) return undefined;
    for (const each of isJsonArray(given) ? given : [given]) {
      if (each === null || isJsonArray(each) || isJsonObject(each)) return undefined;
      const text = textOf(each);
      if (!HEADER_VALUE.test(text)) return undefined;
      headers.push([name, text]);
    }
  }
  return headers;
}

type Pair = readonly [name: string, value: JsonValue];

/**
 * Names with values in their order, of an object or of an array of `{name, value}`, in which a name may
 * come more than once; undefined when it is neither.
 */
export function pairsIn(value: JsonValue): readonly Pair[] | undefined {
  if (isJsonObject(value)) return membersIn(value);
  if (!isJsonArray(value)) return undefined;
  const pairs = value.flatMap((entry): readonly Pair[] => {
    const pair = pairOf(entry);
    return pair === undefined ? [] : [pair];
  });
  return pairs.length === value.length ? pairs : undefined;
}

function pairOf(entry: JsonValue): Pair | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { name, value } = entry;
  return typeof name === 'string' && value !== undefined ? [name, value] : undefined;
}
