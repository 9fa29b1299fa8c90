import { type HttpRequest } from './http-exchange.js';

/**
 * The decision about a redirect: `follow`, or the reason why it is not followed. `done` means that the redirected request
 * has had its effect (303: RFC 9110, section 15.4.4).
 */
export type Redirect =
  | { readonly kind: 'follow'; readonly request: HttpRequest; readonly done: boolean }
  | { readonly kind: 'refused'; readonly why: string };

/** RFC 9110, section 15.4. 300 offers a choice and 304 answers a condition, so neither is a redirect. */
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Headers that are also sent to another origin, because none of them holds a secret. */
export const HARMLESS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-language',
  'content-type',
  'idempotency-key',
  'traceparent',
  'user-agent',
]);

export function isRedirect(status: number): boolean {
  return REDIRECTS.includes(status);
}

/**
 * Decides about a redirect. GET and HEAD are followed. 303 says that the request was carried out and that a GET returns its
 * result. 307 and 308 say that it was not carried out, and must be repeated with its method and body; the target knows
 * the body already. 301 and 302 have been interpreted in both ways, so other methods are not followed.
 */
export function redirectOf(
  request: HttpRequest,
  status: number,
  location: string | undefined,
): Redirect {
  const { method, url } = request;
  const target = targetOf(location, url);
  if (typeof target === 'string') return { kind: 'refused', why: target };
  const isSafe = method === 'GET' || method === 'HEAD';
  if (status === 303) {
    const next = { url: target, method: isSafe ? method : 'GET', headers: request.headers };
    return { kind: 'follow', request: withoutSecrets(withoutContent(next), url), done: !isSafe };
  }
  if (!isSafe && (status === 301 || status === 302)) {
    return { kind: 'refused', why: `a ${method} is not made again after status ${status}` };
  }
  return { kind: 'follow', request: withoutSecrets({ ...request, url: target }, url), done: false };
}

/** A Location without credentials, for messages. It is not shortened, so that a secret in it can be masked. */
export function shownLocation(location: string | undefined, base: URL): string {
  if (location === undefined) return 'no Location';
  if (!URL.canParse(location, base)) return `the Location "${location}"`;
  const url = new URL(location, base);
  url.username = '';
  url.password = '';
  return `the Location ${url.href}`;
}

/** A note for the message about a 3xx answer that is not a redirect: a 300 may name its preferred choice. */
export function locationOfOther3xx(
  status: number,
  location: string | undefined,
  base: URL,
): string {
  const is3xx = status >= 300 && status <= 399;
  return is3xx && location !== undefined ? ` and ${shownLocation(location, base)}` : '';
}

function targetOf(location: string | undefined, base: URL): URL | string {
  if (location === undefined) return 'it does not say where to';
  if (!URL.canParse(location, base)) return 'that is no URL';
  const target = new URL(location, base);
  if (!['http:', 'https:'].includes(target.protocol)) return 'that is no http:// or https:// URL';
  if (base.protocol === 'https:' && target.protocol === 'http:') return 'that would leave TLS';
  target.username = '';
  target.password = '';
  return target;
}

function withoutContent(request: HttpRequest): HttpRequest {
  const kept = [...request.headers].filter(([name]) => !name.startsWith('content-'));
  return { url: request.url, method: request.method, headers: new Map(kept) };
}

/** Keeps only harmless headers if the origin changes: an API key may be in any other header. */
function withoutSecrets(request: HttpRequest, from: URL): HttpRequest {
  if (request.url.origin === from.origin) return request;
  const kept = [...request.headers].filter(([name]) => HARMLESS.has(name));
  return { ...request, headers: new Map(kept) };
}
