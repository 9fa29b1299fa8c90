import { type FastifyRequest } from 'fastify';
import { RequestMalformedError } from '../errors.js';

/**
 * RFC 9112, section 3.2: an HTTP/1.1 request has exactly one `Host`. Node takes the first of two,
 * and something in front of us may have taken the second.
 */
export function hostRefusal(request: FastifyRequest): RequestMalformedError | undefined {
  const { rawHeaders, httpVersionMinor } = request.raw;
  let hosts = 0;
  for (let name = 0; name < rawHeaders.length; name += 2) {
    if (rawHeaders[name]?.length === 4 && rawHeaders[name]?.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts === 1 || (hosts === 0 && httpVersionMinor === 0)) return undefined;
  return new RequestMalformedError(`The request has ${hosts} Host headers; it must have one`);
}
