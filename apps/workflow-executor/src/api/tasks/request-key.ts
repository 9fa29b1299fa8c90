import { type IncomingHttpHeaders } from 'node:http';

/** What a caller calls its request, so that it is one however often it comes; undefined for none. */
export function requestKeyOf({
  headers,
}: {
  readonly headers: IncomingHttpHeaders;
}): string | undefined {
  const key = headers['idempotency-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}
