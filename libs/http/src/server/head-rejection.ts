import { type FlowError } from '@app/errors';
import { type FastifyRequest } from 'fastify';
import { CredentialsAmbiguousError, RequestMalformedError } from '../errors.js';

const HOST = 'host';
const AUTHORIZATION = 'authorization';

/** `Bearer <token>`, or just the token: more words are more than one credential. */
const MORE_THAN_TWO_WORDS = /^\s*\S+\s+\S+\s+\S/;

/**
 * What is wrong with a head, whatever the route. Node takes the first of two such headers and drops the second, so
 * the raw headers are checked: a proxy in front of us may have judged the other one.
 *
 * - RFC 9112, section 3.2: an HTTP/1.1 request has exactly one `Host`.
 * - RFC 9110, section 11.6.2: a request has one credential. With two, one program could check the first and another
 *   use the second.
 */
export function headRejection(request: FastifyRequest): FlowError | undefined {
  const { rawHeaders, httpVersionMinor } = request.raw;
  const hosts = valuesOf(HOST, rawHeaders);
  if (hosts.length > 1 || (hosts.length === 0 && httpVersionMinor > 0)) {
    return new RequestMalformedError(
      `The request has ${hosts.length} Host headers; it must have one`,
    );
  }
  const [credential = '', ...others] = valuesOf(AUTHORIZATION, rawHeaders);
  return others.length > 0 || MORE_THAN_TWO_WORDS.test(credential)
    ? new CredentialsAmbiguousError()
    : undefined;
}

function valuesOf(wanted: string, rawHeaders: readonly string[]): readonly string[] {
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === wanted.length && name.toLowerCase() === wanted) {
      values.push(rawHeaders[at + 1] ?? '');
    }
  }
  return values;
}
