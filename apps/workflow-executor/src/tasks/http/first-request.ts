import { toJsonText } from '@app/json';
import { ACCEPTED_CODINGS } from './answers/content-coding.js';
import { type HttpRequest } from './http-exchange.js';
import { multipartBody } from './multipart-body.js';
import { standardWebhookHeaders } from './standard-webhooks.js';
import { type TaskCall } from '../task-handler.js';

/** The `User-Agent` of `http` tasks (RFC 9110, section 10.1.5). Some targets refuse requests without one. */
export const USER_AGENT = 'flow-eventing/0.1.0';

const NOTHING = Buffer.alloc(0);
const NO_SIGNING_SECRET =
  'the secret that it is to be signed with is none of Standard Webhooks: whsec_ and 24 to 64 bytes in base64';

type FirstRequest =
  | { readonly kind: 'request'; readonly request: HttpRequest }
  | { readonly kind: 'impossible'; readonly why: string };

/**
 * The first request of a call. Headers of the task override the default ones, except the idempotency key, which
 * identifies the attempt. Credentials in the URL are sent as Basic authentication (RFC 7617); they are not shown in
 * messages and not sent to the target of a redirect.
 */
export function firstRequestOf(call: TaskCall<'http'>, now = Date.now()): FirstRequest {
  const { method, body, parts, url: target, sign } = call.effect.params;
  if (!URL.canParse(target)) return impossible('its "url" is not a valid URL');
  const url = new URL(target);
  const credentials = basicOf(url);
  if (credentials === 'malformed')
    return impossible('the credentials in its "url" are not encoded');
  url.username = '';
  url.password = '';
  const isJson = body !== undefined && typeof body !== 'string';
  const text = isJson ? toJsonText(body) : body;
  const multipart = parts && multipartBody(parts, call.idempotencyKey);
  const bytes = multipart?.bytes ?? (text === undefined ? undefined : Buffer.from(text));
  const signature = sign && standardWebhookHeaders({ ...sign, body: bytes ?? NOTHING, now });
  if (sign && !signature) return impossible(NO_SIGNING_SECRET);
  const headers = new Map<string, readonly string[]>([
    ['user-agent', [USER_AGENT]],
    ['accept-encoding', [ACCEPTED_CODINGS]],
    ['traceparent', [call.traceparent]],
    ...(isJson ? [['content-type', ['application/json']] as const] : []),
    ...(multipart ? [['content-type', [typeOf(multipart.boundary)]] as const] : []),
    ...(credentials === undefined ? [] : [['authorization', [credentials]] as const]),
    ...givenOf(call),
    ...(signature ?? []).map(([name, value]) => [name, [value]] as const),
    ['idempotency-key', [call.idempotencyKey]],
  ]);
  const length = headers.get('content-length');
  if (length && length.join() !== String(bytes?.length ?? 0)) {
    return impossible('its "Content-Length" is not the length of its body');
  }
  return { kind: 'request', request: { url, method, headers, body: bytes } };
}

function typeOf(boundary: string): string {
  return `multipart/form-data; boundary=${boundary}`;
}

function impossible(why: string): FirstRequest {
  return { kind: 'impossible', why };
}

/** The headers of the task by name in lower case, so that two spellings of a name are one header. */
function givenOf(call: TaskCall<'http'>): ReadonlyMap<string, readonly string[]> {
  const given = new Map<string, string[]>();
  for (const [name, value] of call.effect.params.headers) {
    const values = given.get(name.toLowerCase()) ?? [];
    given.set(name.toLowerCase(), [...values, value]);
  }
  return given;
}

function basicOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  } catch {
    return 'malformed';
  }
}
