import { type IncomingHttpHeaders } from 'node:http';

/** The `Idempotency-Key` of a request; undefined for none. The same key makes repeated requests count as one. */
export function requestKeyOf({
  headers,
}: {
  readonly headers: IncomingHttpHeaders;
}): string | undefined {
  const key = headers['idempotency-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}
