import { type FastifyInstance, type FastifyRequest } from 'fastify';

/** For Fastify valid for sure, whatever parameters follow. */
const WELL_FORMED = /^[\w.+-]+\/[\w.+-]+(?:;|$)/;

/** Any that Fastify finds well-formed. */
const STAND_IN = 'application/octet-stream';

/**
 * Lets every content type through to the handler, which authorizes the request first. Fastify itself
 * would refuse one that is malformed (415) before anybody has looked for a token: so it is kept from
 * Fastify until its own check is over.
 */
export function takeAnyContentType(server: FastifyInstance): void {
  const hidden = new WeakMap<FastifyRequest['raw'], string>();
  server.addHook('onRequest', ({ raw }, _reply, done) => {
    const contentType = raw.headers['content-type'];
    if (contentType !== undefined && !WELL_FORMED.test(contentType)) {
      hidden.set(raw, contentType);
      raw.headers['content-type'] = STAND_IN;
    }
    done();
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', ({ raw }, _payload, done) => {
    const contentType = hidden.get(raw);
    if (contentType !== undefined) raw.headers['content-type'] = contentType;
    done(null);
  });
}
