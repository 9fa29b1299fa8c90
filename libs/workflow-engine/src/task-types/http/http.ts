import { type JsonObject, type JsonValue } from '@app/json';
import { HTTP_TIMEOUT_MS_DEFAULT, URL_CHARS_MAX } from '../../bounds.js';
import {
  HTTP_METHODS,
  HTTP_RESULT_NAMES,
  type HttpCallParams,
  type HttpMethod,
} from '../../state/http-call.js';
import { type ParamRule, type Reached, type TaskBehaviour } from '../task-behaviour.js';
import { readExpectedStatus } from './expected-status.js';
import { readHeaders } from './headers.js';
import { joinUrl } from './join-url.js';
import { formOf, readFields, withQuery } from './url-encoding.js';

const URL_RULE = `must be an http:// or https:// URL without spaces, of at most ${URL_CHARS_MAX} characters`;
const METHOD_RULE = `must be one of ${HTTP_METHODS.join(', ')}`;
const HEADERS_RULE =
  'must be an object, or an array of {name, value}, of header names and texts without control ' +
  'characters, none of them about the connection (Connection, Expect, Transfer-Encoding, Upgrade, ...)';
const FIELDS_RULE =
  'must be an object, or an array of {name, value}, of texts, numbers, booleans, null or lists of them';
const TOO_LONG = `makes a URL of more than ${URL_CHARS_MAX} characters`;
const EXPECTED_RULE =
  'must be a status, a class or a range, or a list of them: 404, "2xx", "200-204"';

const FIELDS = { type: ['object', 'array'] } as const;

const RULES: ReadonlyMap<string, ParamRule> = new Map([
  [
    'url',
    {
      ...ruleOf(readUrl, URL_RULE),
      about: 'Where to; references in it are encoded as components.',
      schema: { type: 'string', maxLength: URL_CHARS_MAX },
      required: true,
      join: joinUrl,
      secrets: 'inside',
    },
  ],
  [
    'method',
    {
      ...ruleOf(readMethod, METHOD_RULE),
      about: 'GET, or POST with a form, unless it says otherwise.',
      schema: { anyOf: [{ enum: [...HTTP_METHODS] }, { type: 'string', pattern: '^[A-Za-z]+$' }] },
    },
  ],
  [
    'query',
    {
      ...ruleOf(readFields, FIELDS_RULE),
      about: 'Fields for the query.',
      schema: FIELDS,
      secrets: 'anywhere',
    },
  ],
  [
    'headers',
    {
      ...ruleOf(readHeaders, HEADERS_RULE),
      about: 'Headers.',
      schema: FIELDS,
      secrets: 'values',
    },
  ],
  [
    'body',
    {
      ...ruleOf((value) => value, ''),
      about: 'A text as it is; all else is sent as JSON.',
      secrets: 'anywhere',
    },
  ],
  [
    'form',
    {
      ...ruleOf(readFields, FIELDS_RULE),
      about: 'Fields for a body that is a form, in the place of `body`.',
      schema: FIELDS,
      secrets: 'anywhere',
      notWith: 'body',
    },
  ],
  [
    'expectedStatus',
    {
      ...ruleOf(readExpectedStatus, EXPECTED_RULE),
      about: 'The statuses that are a success: 404, "2xx", "200-204" or a list of them.',
      schema: { type: ['string', 'number', 'array'] },
    },
  ],
]);

/** Calls out over HTTP. The executor makes the call and reports `HTTP_RESULT_NAMES`. */
export const http: TaskBehaviour = {
  about: 'Calls another service over HTTP.',
  params: RULES,
  resultNames: HTTP_RESULT_NAMES,
  reach: (params): Reached => {
    for (const [param, rule] of RULES) {
      const value = params[param] ?? (rule.required ? null : undefined);
      const detail = value === undefined ? undefined : rule.problem(value);
      if (detail !== undefined) return { kind: 'invalid', param, detail };
    }
    const call = callOf(params);
    if (readUrl(call.url) === undefined)
      return { kind: 'invalid', param: 'query', detail: TOO_LONG };
    const timeoutMsDefault = HTTP_TIMEOUT_MS_DEFAULT;
    return {
      kind: 'effect',
      effect: { kind: 'call', type: 'http', params: call, timeoutMsDefault },
    };
  },
};

function ruleOf(read: (value: JsonValue) => unknown, rule: string): ParamRule {
  return { required: false, problem: (value) => (read(value) === undefined ? rule : undefined) };
}

/** Of parameters that their rules have found to be fine. */
function callOf(params: JsonObject): HttpCallParams {
  const { url = '', query = [], method, form, expectedStatus = null } = params;
  const statuses = readExpectedStatus(expectedStatus);
  return {
    url: withQuery(readUrl(url) ?? '', readFields(query) ?? []),
    method: readMethod(method ?? (form === undefined ? 'GET' : 'POST')) ?? 'GET',
    ...contentOf(params),
    ...(statuses !== undefined && { expectedStatus: statuses }),
  };
}

/** The headers, and the body that they go with. */
function contentOf({
  headers: given = {},
  body,
  form,
}: JsonObject): Pick<HttpCallParams, 'headers' | 'body' | 'isForm'> {
  const headers = readHeaders(given) ?? [];
  if (form === undefined) return body === undefined ? { headers } : { headers, body };
  const isTyped = headers.some(([name]) => name.toLowerCase() === 'content-type');
  const type = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
  const fields = readFields(form) ?? [];
  return { headers: isTyped ? headers : [...headers, type], body: formOf(fields), isForm: true };
}

function readUrl(value: JsonValue): string | undefined {
  if (typeof value !== 'string' || value.length > URL_CHARS_MAX) return undefined;
  return /^https?:\/\/[^\s/?#]\S*$/i.test(value) ? value : undefined;
}

function readMethod(value: JsonValue): HttpMethod | undefined {
  if (typeof value !== 'string') return undefined;
  const upperCase = value.toUpperCase();
  return HTTP_METHODS.find((known) => known === upperCase);
}
