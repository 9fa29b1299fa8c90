import { type JsonObject, type JsonValue } from '@app/json';
import { FIELDS_CHARS_MAX, HTTP_TIMEOUT_MS_DEFAULT } from '../../bounds.js';
import {
  HTTP_METHODS,
  HTTP_RESULT_NAMES,
  type HttpCallParams,
  type HttpMethod,
} from '../../state/http-call.js';
import {
  invalidParam,
  type ParamRule,
  type Reached,
  type TaskBehaviour,
} from '../task-behaviour.js';
import { readExpectedStatus } from './expected-status.js';
import { readHeaders } from './headers.js';
import { MAPPED_RESULTS, readMappedResults } from './mapped-results.js';
import { EXPECTED_STATUS, FIELDS, HEADERS, readUrl, ruleOf, TOO_LONG, URL } from './http-params.js';
import { wordProblem } from '../param-rules.js';
import { OAUTH2, readOAuth2, twoCredentials } from './oauth2.js';
import { FILES, partsOf, readFiles } from './files.js';
import { formOf, readFields, withQuery } from './url-encoding.js';

const FIELDS_RULE =
  'must be an object, or an array of {name, value}, of texts, numbers, booleans, null or lists of them, ' +
  `with at most ${FIELDS_CHARS_MAX} characters in all`;
const TYPE_OF_FILES = `can't have "Content-Type" beside "files": it names the boundary of the parts`;
const RULES: ReadonlyMap<string, ParamRule> = new Map([
  ['url', { ...URL, required: true }],
  [
    'method',
    {
      required: false,
      problem: (value) =>
        readMethod(value) === undefined ? wordProblem(value, HTTP_METHODS) : undefined,
      about: 'GET, or POST with a form or files, unless it says otherwise.',
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
  ['headers', HEADERS],
  ['oauth2', OAUTH2],
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
  ['files', FILES],
  ['expectedStatus', EXPECTED_STATUS],
  ['results', MAPPED_RESULTS],
]);

/** Calls out over HTTP. The executor makes the call and reports `HTTP_RESULT_NAMES`. */
export const http: TaskBehaviour = {
  about: 'Calls another service over HTTP.',
  params: RULES,
  together: (_given, written) => twoCredentials(written),
  resultNames: HTTP_RESULT_NAMES,
  namesResults: { param: 'results', insteadOf: 'body' },
  reach: (params): Reached => {
    const invalid = invalidParam(params, RULES);
    if (invalid !== undefined) return invalid;
    const detail = twoCredentials(params);
    if (detail !== undefined) return { kind: 'invalid', param: 'oauth2', detail };
    if (params['files'] !== undefined && isTyped(readHeaders(params['headers'] ?? {}) ?? []))
      return { kind: 'invalid', param: 'headers', detail: TYPE_OF_FILES };
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

/** Of parameters that their rules have found to be fine. */
function callOf(params: JsonObject): HttpCallParams {
  const { url = '', query = [], method, form, files, expectedStatus = null, results } = params;
  const isPosted = (form ?? files) !== undefined;
  const statuses = readExpectedStatus(expectedStatus);
  const oauth2 = readOAuth2(params['oauth2']);
  return {
    url: withQuery(readUrl(url) ?? '', readFields(query) ?? []),
    method: readMethod(method ?? (isPosted ? 'POST' : 'GET')) ?? 'GET',
    ...contentOf(params),
    ...(statuses !== undefined && { expectedStatus: statuses }),
    ...(results !== undefined && { results: readMappedResults(results) }),
    ...(oauth2 !== undefined && { oauth2 }),
  };
}

/** The headers, and the body that they go with. */
function contentOf({
  headers: given = {},
  body,
  form,
  files,
}: JsonObject): Pick<HttpCallParams, 'headers' | 'body' | 'isForm' | 'parts'> {
  const headers = readHeaders(given) ?? [];
  const fields = readFields(form ?? {}) ?? [];
  if (files !== undefined) {
    return { headers, parts: [...partsOf(fields), ...(readFiles(files) ?? [])] };
  }
  if (form === undefined) return body === undefined ? { headers } : { headers, body };
  const type = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
  return {
    headers: isTyped(headers) ? headers : [...headers, type],
    body: formOf(fields),
    isForm: true,
  };
}

function isTyped(headers: HttpCallParams['headers']): boolean {
  return headers.some(([name]) => name.toLowerCase() === 'content-type');
}

function readMethod(value: JsonValue): HttpMethod | undefined {
  if (typeof value !== 'string') return undefined;
  const upperCase = value.toUpperCase();
  return HTTP_METHODS.find((known) => known === upperCase);
}
