import { type CesqlValue } from '../cesql-value.js';
import { charCountOf, offsetOfChar, trimmed } from './characters.js';
import { type CesqlFunction, type Fail } from './cesql-function.js';

/** CESQL 3.5.1. A character is a Unicode code point. */
export const STRING_FUNCTIONS: readonly CesqlFunction[] = [
  {
    name: 'LENGTH',
    parameters: ['string'],
    returns: 'integer',
    call: ([text]) => charCountOf(String(text)),
  },
  {
    name: 'CONCAT',
    parameters: [],
    more: 'string',
    returns: 'string',
    call: (texts) => texts.join(''),
  },
  {
    name: 'CONCAT_WS',
    parameters: ['string'],
    more: 'string',
    returns: 'string',
    call: ([delimiter, ...texts]) => texts.join(String(delimiter)),
  },
  { name: 'LOWER', ...ofText((text) => text.toLowerCase()) },
  { name: 'UPPER', ...ofText((text) => text.toUpperCase()) },
  { name: 'TRIM', ...ofText(trimmed) },
  { name: 'LEFT', ...sideOf((text, count) => text.slice(0, offsetOfChar(text, count))) },
  {
    name: 'RIGHT',
    ...sideOf((text, count) => text.slice(offsetOfChar(text, charCountOf(text) - count))),
  },
  {
    name: 'SUBSTRING',
    parameters: ['string', 'integer'],
    returns: 'string',
    call: ([text, position], fail) => substring(String(text), Number(position), undefined, fail),
  },
  {
    name: 'SUBSTRING',
    parameters: ['string', 'integer', 'integer'],
    returns: 'string',
    call: ([text, position, length], fail) =>
      substring(String(text), Number(position), Number(length), fail),
  },
];

type Shape = Pick<CesqlFunction, 'parameters' | 'returns' | 'call'>;

function ofText(make: (text: string) => string): Shape {
  return {
    parameters: ['string'],
    returns: 'string',
    call: ([text]) => make(String(text)),
  };
}

function sideOf(make: (text: string, count: number) => string): Shape {
  const call = ([text, count]: readonly CesqlValue[], fail: Fail): string => {
    if (Number(count) >= 0) return make(String(text), Number(count));
    fail(`${String(count)} is no number of characters`);
    return String(text);
  };
  return { parameters: ['string', 'integer'], returns: 'string', call };
}

function substring(text: string, position: number, length: number | undefined, fail: Fail): string {
  const chars = charCountOf(text);
  if (length !== undefined && length < 0) {
    fail(`${length} is no number of characters`);
    return '';
  }
  if (position > chars || position < -chars) {
    fail(`The text has ${chars} characters, and so none at ${position}`);
    return '';
  }
  if (position === 0) return '';
  const first = position > 0 ? position - 1 : chars + position;
  const from = offsetOfChar(text, first);
  if (length === undefined) return text.slice(from);
  return text.slice(from, offsetOfChar(text, first + length));
}
