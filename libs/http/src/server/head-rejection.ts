import { type FlowError } from '@app/errors';
import { type FastifyRequest } from 'fastify';
import {
  CredentialsAmbiguousError,
  ExpectationFailedError,
  RequestMalformedError,
} from '../errors.js';

const HOST = 'host';
const AUTHORIZATION = 'authorization';
/** Headers whose value is no list: a request may have one of each. */
const SINGLE = ['Content-Type', 'Idempotency-Key'].map(
  (name) => [name, name.toLowerCase()] as const,
);

/** The only expectation that can be met. */
const CONTINUE = '100-continue';

/** `Bearer <token>`, or just the token: more words are more than one credential. */
const MORE_THAN_TWO_WORDS = /^\s*\S+\s+\S+\s+\S/;

/**
 * What is wrong with a head, whatever the route. Of two such headers Node takes the first and drops the second, or joins
 * their values. So the raw headers are checked: a proxy in front of us may have judged the other one.
 *
 * - RFC 9110, section 2.5: the major version says how a message is read. Node's parser takes `HTTP/2.0` and `HTTP/0.9` in
 *   a text, too.
 * - RFC 9112, section 3.2: an HTTP/1.1 request has exactly one `Host`.
 * - RFC 9112, section 6.1: `Transfer-Encoding` is `chunked` here, and nothing in HTTP/1.0. Node ignores any other
 *   coding before `chunked`: the body would be taken as it is, still encoded.
 * - RFC 9110, section 11.6.2: a request has one credential. With two, one program could check the first and another
 *   use the second.
 * - RFC 9110, section 5.3: a request has one header of each name whose value is no list (`SINGLE`).
 * - RFC 9110, section 10.1.1: an expectation that can't be met is 417. HTTP/1.0 has none.
 */
export function headRejection(request: FastifyRequest): FlowError | undefined {
  const { rawHeaders, headers, httpVersion, httpVersionMajor, httpVersionMinor } = request.raw;
  if (httpVersionMajor !== 1) {
    return new RequestMalformedError(`This server takes HTTP/1.1 and 1.0, not ${httpVersion}`);
  }
  const hosts = valuesOf(HOST, rawHeaders);
  if (hosts.length > 1 || (hosts.length === 0 && httpVersionMinor > 0)) {
    return new RequestMalformedError(
      `The request has ${hosts.length} Host headers; it must have one`,
    );
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersionMinor === 0)) {
    return new RequestMalformedError(
      'Of all transfer encodings only "chunked" is taken, and none in HTTP/1.0',
    );
  }
  for (const [name, wanted] of SINGLE) {
    const count = valuesOf(wanted, rawHeaders).length;
    if (count > 1)
      return new RequestMalformedError(`The request has ${count} ${name} headers; it may have one`);
  }
  const [credential = '', ...others] = valuesOf(AUTHORIZATION, rawHeaders);
  if (others.length > 0 || MORE_THAN_TWO_WORDS.test(credential)) {
    return new CredentialsAmbiguousError();
  }
  return httpVersionMinor > 0 && !canBeMet(headers.expect)
    ? new ExpectationFailedError()
    : undefined;
}

/** Whether a list of expectations has none but the one that can be met. */
function canBeMet(expect = ''): boolean {
  const expectations = expect.toLowerCase().split(',');
  return expectations.every((one) => ['', CONTINUE].includes(one.trim()));
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
