import { type AdminTokens, type InternalRequests } from '@app/auth';
import { RouteNotFoundError } from '@app/http';
import { type FastifyInstance } from 'fastify';
import { bodyWithDigest } from './body-with-digest.js';
import './principal.js';

/** As the old listener asks it: the token to validate is in the body, and nothing else is needed. */
const OPEN_ROUTE = '/internal/workflow/:id/validateToken';

/** What a stranger may make us read, in bytes: a token in JSON, whatever is escaped in it. */
const OPEN_BODY_BYTES_MAX = 16 * 1024;

const DIGEST = Symbol('what the body must hash to');

/**
 * Who may ask what, by the path of the route: `/api/` is the administrator's, `/internal/` is for our
 * own services. Here and not in a guard of Nest, which runs when Fastify has read and parsed the body:
 * a stranger could make it hold as much as the largest one. Call it before the routes are there.
 */
export function authorizeBeforeBody(
  server: FastifyInstance,
  admin: AdminTokens,
  internal: InternalRequests,
): void {
  server.addHook('onRoute', (route) => {
    if (route.url === OPEN_ROUTE) route.bodyLimit = OPEN_BODY_BYTES_MAX;
  });
  server.decorateRequest('principal', undefined);
  server.decorateRequest(DIGEST);
  server.addHook('onRequest', async (request) => {
    // Fastify would read the body of what goes nowhere, too.
    if (request.is404) throw new RouteNotFoundError();
    const { url: route = '' } = request.routeOptions;
    if (route.startsWith('/api/')) request.principal = await admin.authorize(request);
    else if (route.startsWith('/internal/') && route !== OPEN_ROUTE) {
      const { method, url: path, headers } = request;
      request.setDecorator(DIGEST, internal.authorize({ method, path, headers }));
    }
  });
  server.addHook('preParsing', async (request, _reply, payload) => {
    const digest = request.getDecorator<string | undefined>(DIGEST);
    return digest === undefined ? payload : bodyWithDigest(payload, digest);
  });
}
