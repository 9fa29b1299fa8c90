import { headerOf, type Headers } from '@app/events';

/** What scripts of another origin may read of an answer, besides its body. */
const EXPOSED = 'Location, Idempotent-Replayed, Retry-After, RateLimit, RateLimit-Policy';
const PREFLIGHT_SECONDS = '600';
const HEADER_NAMES = /^[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1024}$/;

/**
 * The headers of CORS (Fetch Standard, 3.2) for an answer to a browser, if its origin is allowed. Credentials of a
 * browser (cookies) are never: senders have tokens.
 */
export function crossOriginHeaders(
  headers: Headers,
  allowedOrigins: readonly string[],
): Readonly<Record<string, string>> {
  if (allowedOrigins.length === 0) return {};
  if (allowedOrigins.includes('*'))
    return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': EXPOSED };
  const origin = headerOf(headers, 'origin');
  if (origin === undefined || !allowedOrigins.includes(origin)) return { Vary: 'Origin' };
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': EXPOSED,
    Vary: 'Origin',
  };
}

/** What a browser may do that asks before it sends; nothing, unless its origin is allowed. */
export function preflightHeaders(
  headers: Headers,
  methods: readonly string[],
  allowedOrigins: readonly string[],
): Readonly<Record<string, string>> {
  const origin = crossOriginHeaders(headers, allowedOrigins);
  const isAllowed = 'Access-Control-Allow-Origin' in origin;
  if (!isAllowed || headerOf(headers, 'access-control-request-method') === undefined) return {};
  const asked = headerOf(headers, 'access-control-request-headers');
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    ...(asked !== undefined &&
      HEADER_NAMES.test(asked) && { 'Access-Control-Allow-Headers': asked }),
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  };
}
