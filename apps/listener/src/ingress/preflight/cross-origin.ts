import { headerOf, type Headers } from '@app/events';

/** The answer headers that scripts of another origin may read. */
const EXPOSED = 'Location, Idempotent-Replayed, Retry-After, RateLimit, RateLimit-Policy';
const PREFLIGHT_SECONDS = '600';
const HEADER_NAMES = /^[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1024}$/;

/**
 * The CORS headers (Fetch Standard, 3.2) of an answer, if the origin is allowed. Credentials of a browser (cookies) are
 * never allowed, because senders use tokens.
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

/** The CORS headers of the answer to a preflight request; none unless the origin is allowed. */
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
