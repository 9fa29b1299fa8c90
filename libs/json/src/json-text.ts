import { ExactNumber } from './exact-number.js';
import { isReordered, namesIn } from './member-order.js';

/**
 * The JSON text of a value: numbers as they were written, members in the order in which they came. As for
 * `JSON.stringify`, undefined members are left out, and `toJSON` replaces its object. It is recursive: the caller
 * bounds the nesting.
 *
 * @throws TypeError for a value without JSON text, such as undefined
 */
export function toJsonText(value: unknown): string {
  const text = isPlain(value) ? (JSON.stringify(value) as string | undefined) : written(value);
  if (text === undefined) throw new TypeError(`There is no JSON text for ${typeof value}`);
  return text;
}

/** Whether `JSON.stringify` gives the right text; it is several times as fast. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (value instanceof ExactNumber) return false;
  if (Array.isArray(value)) return value.every(isPlain);
  if (isReordered(value)) return false;
  for (const name in value) if (!isPlain((value as Members)[name])) return false;
  return true;
}

type Members = Readonly<Record<string, unknown>>;

function written(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) {
    return value instanceof ExactNumber ? value.text : JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => written(item) ?? 'null').join()}]`;
  const members: string[] = [];
  for (const name of namesIn(value)) {
    const member = written((value as Members)[name]);
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${member}`);
  }
  return `{${members.join()}}`;
}

/** The JSON text of a value in ASCII only, for headers. */
export function asciiJson(value: object): string {
  return toJsonText(value).replace(/[\u007f-\uffff]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
