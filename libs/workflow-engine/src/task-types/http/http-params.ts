import { type JsonValue } from '@app/json';
import { URL_CHARS_MAX } from '../../bounds.js';
import { type ParamRule } from '../task-behaviour.js';
import { readExpectedStatus } from './expected-status.js';
import { readHeaders } from './headers.js';
import { joinUrl } from './join-url.js';

/** Parameters of whatever is sent over HTTP. */

const URL_RULE = `must be an http:// or https:// URL without spaces, of at most ${URL_CHARS_MAX} characters`;
const HEADERS_RULE =
  'must be an object, or an array of {name, value}, of header names and texts without control ' +
  'characters, none of them about the connection (Connection, Expect, Transfer-Encoding, Upgrade, ...)';
const EXPECTED_RULE =
  'must be a status, a class or a range, or a list of them: 404, "2xx", "200-204"';

export const TOO_LONG = `makes a URL of more than ${URL_CHARS_MAX} characters`;

/** JSON Schema of what names and values may be given as. */
export const FIELDS = { type: ['object', 'array'] } as const;

/** A URL in which no secret may stand. */
export const PLAIN_URL: ParamRule = {
  ...ruleOf(readUrl, URL_RULE),
  about: 'Where to; references in it are encoded as components.',
  schema: { type: 'string', maxLength: URL_CHARS_MAX },
  join: joinUrl,
};

export const URL: ParamRule = { ...PLAIN_URL, secrets: 'inside' };

export const HEADERS: ParamRule = {
  ...ruleOf(readHeaders, HEADERS_RULE),
  about: 'Headers.',
  schema: FIELDS,
  secrets: 'values',
};

export const EXPECTED_STATUS: ParamRule = {
  ...ruleOf(readExpectedStatus, EXPECTED_RULE),
  about: 'The statuses that are a success: 404, "2xx", "200-204" or a list of them.',
  schema: { type: ['string', 'number', 'array'] },
};

/** A value is fine when it can be read. */
export function ruleOf(read: (value: JsonValue) => unknown, rule: string): ParamRule {
  return { required: false, problem: (value) => (read(value) === undefined ? rule : undefined) };
}

export function readUrl(value: JsonValue): string | undefined {
  if (typeof value !== 'string' || value.length > URL_CHARS_MAX) return undefined;
  return /^https?:\/\/[^\s/?#]\S*$/i.test(value) ? value : undefined;
}
