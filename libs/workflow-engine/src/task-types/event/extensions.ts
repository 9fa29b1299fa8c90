import { isJsonObject, type JsonValue, membersIn } from '@app/json';
import { EVENT_ATTRIBUTE_CHARS_MAX, EVENT_EXTENSIONS_MAX } from '../../bounds.js';

export type Extensions = Readonly<Record<string, string | number | boolean>>;

/** CloudEvents 1.0.2, section 2.1. */
const NAME = /^[a-z0-9]{1,50}$/;
const INTEGER_ABS_MAX = 2 ** 31;

/** Attributes that have parameters of their own, or that only the system gives. */
const OTHERS = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'data',
  'flowhops',
  'flowroot',
]);

/** By name, those that are `null` left out; undefined when one of them could be no attribute of an event. */
export function readExtensions(value: JsonValue): Extensions | undefined {
  if (!isJsonObject(value)) return undefined;
  const members = membersIn(value);
  if (members.length > EVENT_EXTENSIONS_MAX) return undefined;
  const extensions: Record<string, string | number | boolean> = {};
  for (const [name, one] of members) {
    if (!NAME.test(name) || OTHERS.has(name)) return undefined;
    if (one === null) continue;
    if (!isAttribute(one)) return undefined;
    extensions[name] = one;
  }
  return extensions;
}

function isAttribute(value: JsonValue): value is string | number | boolean {
  if (typeof value === 'string') return value.length <= EVENT_ATTRIBUTE_CHARS_MAX;
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < INTEGER_ABS_MAX;
  return typeof value === 'boolean';
}
