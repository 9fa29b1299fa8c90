import { type FastifyInstance, type FastifyRequest } from 'fastify';

/** Matches a media type that Fastify accepts with any parameters. */
const WELL_FORMED = /^[\w.+-]+\/[\w.+-]+(?:;|$)/;

/** Replaces a malformed type while Fastify checks it; any well-formed type would do. */
const STAND_IN = 'application/octet-stream';

/**
 * Lets every content type through to the handler, which authorizes the request first. Fastify itself would refuse a
 * malformed one (415) before the token was checked, so the header is hidden from Fastify until its own check is over.
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
