import { isJsonArray, isJsonContainer, isJsonObject, type JsonValue } from '@app/json';
import { HTTP_TIMEOUT_MS_DEFAULT, URL_CHARS_MAX } from '../bounds.js';
import { HTTP_METHODS, HTTP_RESULT_NAMES, type HttpMethod } from '../http-call.js';
import { type ParamRule, type Reached, type TaskBehaviour } from './task-behaviour.js';

const URL_RULE = `must be an http:// or https:// URL without spaces, of at most ${URL_CHARS_MAX} characters`;
const METHOD_RULE = `must be one of ${HTTP_METHODS.join(', ')}`;
const HEADERS_RULE =
  'must be an object, or an array of {name, value}, of header names and texts without control characters';

const url: ParamRule = {
  required: true,
  problem: (value) => (readUrl(value) === undefined ? URL_RULE : undefined),
};
const method: ParamRule = {
  required: false,
  problem: (value) => (readMethod(value) === undefined ? METHOD_RULE : undefined),
};
const headers: ParamRule = {
  required: false,
  problem: (value) => (readHeaders(value) === undefined ? HEADERS_RULE : undefined),
};
const body: ParamRule = { required: false, problem: () => undefined };

/** Calls out over HTTP. The executor makes the call and reports `HTTP_RESULT_NAMES`. */
export const http: TaskBehaviour = {
  params: new Map(Object.entries({ url, method, headers, body })),
  resultNames: HTTP_RESULT_NAMES,
  reach: (params): Reached => {
    const toUrl = readUrl(params['url'] ?? null);
    if (toUrl === undefined) return { kind: 'invalid', param: 'url', detail: URL_RULE };
    const byMethod = readMethod(params['method'] ?? 'GET');
    if (byMethod === undefined) return { kind: 'invalid', param: 'method', detail: METHOD_RULE };
    const withHeaders = readHeaders(params['headers'] ?? {});
    if (withHeaders === undefined) {
      return { kind: 'invalid', param: 'headers', detail: HEADERS_RULE };
    }
    const call = { url: toUrl, method: byMethod, headers: withHeaders };
    return {
      kind: 'call',
      type: 'http',
      params: params['body'] === undefined ? call : { ...call, body: params['body'] },
      timeoutMsDefault: HTTP_TIMEOUT_MS_DEFAULT,
    };
  },
};

function readUrl(value: JsonValue): string | undefined {
  if (typeof value !== 'string' || value.length > URL_CHARS_MAX) return undefined;
  return /^https?:\/\/[^\s/?#]\S*$/i.test(value) ? value : undefined;
}

function readMethod(value: JsonValue): HttpMethod | undefined {
  if (typeof value !== 'string') return undefined;
  const upperCase = value.toUpperCase();
  return HTTP_METHODS.find((known) => known === upperCase);
}

function readHeaders(value: JsonValue): Readonly<Record<string, string>> | undefined {
  const pairs = isJsonArray(value) ? value.map(readPair) : pairsOf(value);
  const texts: [string, string][] = [];
  for (const pair of pairs ?? [undefined]) {
    if (pair === undefined) return undefined;
    const [name, header] = pair;
    if (typeof name !== 'string' || !HEADER_NAME.test(name)) return undefined;
    if (header === null || isJsonContainer(header)) return undefined;
    if (!HEADER_VALUE.test(String(header))) return undefined;
    texts.push([name, String(header)]);
  }
  return Object.fromEntries(texts);
}

/** RFC 9110, 5.6.2: a token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110, 5.5, without obs-text: a line break would begin another header. */
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

function readPair(value: JsonValue): readonly [JsonValue, JsonValue] | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, value: text } = value;
  return name === undefined || text === undefined ? undefined : [name, text];
}

function pairsOf(value: JsonValue): readonly (readonly [JsonValue, JsonValue])[] | undefined {
  return isJsonObject(value) ? Object.entries(value) : undefined;
}
