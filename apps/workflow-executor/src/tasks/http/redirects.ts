import { type HttpRequest } from './http-exchange.js';

/**
 * What becomes of a redirect: `follow` (`done` when the request before has had its effect, RFC 9110,
 * section 15.4.4), or why it is not followed.
 */
export type Redirect =
  | { readonly kind: 'follow'; readonly request: HttpRequest; readonly done: boolean }
  | { readonly kind: 'refused'; readonly why: string };

/** RFC 9110, section 15.4. 300 leaves a choice to somebody, and 304 answers a condition: neither is one. */
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Headers that go to another origin as well: none of them can be a secret of the author's. */
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
 * GET and HEAD go where they are told. 303 says that the request was carried out and its answer is a GET
 * away. 307 and 308 say that it was not, and is to be made again with its method and body; whoever says
 * so has that body already. 301 and 302 have been read in both ways, so other methods stay.
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

/** A Location as it may be shown: without credentials. It is whole, so that a secret in it is found and masked. */
export function shownLocation(location: string | undefined, base: URL): string {
  if (location === undefined) return 'no Location';
  if (!URL.canParse(location, base)) return `the Location "${location}"`;
  const url = new URL(location, base);
  url.username = '';
  url.password = '';
  return `the Location ${url.href}`;
}

/** What the message about an answer 3xx that is no redirect adds: a 300 may name what it prefers. */
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

/** Across origins only what can't be a secret: an API key may be in any header. */
function withoutSecrets(request: HttpRequest, from: URL): HttpRequest {
  if (request.url.origin === from.origin) return request;
  const kept = [...request.headers].filter(([name]) => HARMLESS.has(name));
  return { ...request, headers: new Map(kept) };
}
