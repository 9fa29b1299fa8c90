import { type ApiAccess, type InternalRequests } from '@app/auth';
import { RouteNotFoundError } from '@app/http';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type ActionGuard } from './action-guard.js';
import { bodyWithDigest } from './body-with-digest.js';
import { PermissionUndeclaredError, type Permission } from './permission.js';

const DIGEST = Symbol('what the body must hash to');

export interface Authorities {
  readonly api: ApiAccess;
  readonly internal: InternalRequests;
  readonly guard: ActionGuard;
}

/**
 * Asks of each request what its route declares (`@Permit` and its siblings), and refuses to start
 * with a route that declares nothing. Here and not in a guard of Nest, which runs when Fastify has read
 * and parsed the body: a stranger could make it hold as much as the largest one. Call it before the
 * routes are there.
 */
export function authorizeBeforeBody(server: FastifyInstance, authorities: Authorities): void {
  server.addHook('onRoute', (route) => {
    const permission = route.config?.permission;
    if (!permission) throw new PermissionUndeclaredError(String(route.method), route.url);
    if (permission.kind === 'anybody') route.bodyLimit = permission.bodyBytesMax;
  });
  server.decorateRequest('principal', undefined);
  server.decorateRequest(DIGEST);
  server.addHook('onRequest', async (request) => {
    // Fastify would read the body of what goes nowhere, too.
    if (request.is404) throw new RouteNotFoundError();
    const { permission } = request.routeOptions.config;
    if (!permission) throw new PermissionUndeclaredError(request.method, request.url);
    await authorize(request, permission, authorities);
  });
  server.addHook('preParsing', async (request, _reply, payload) => {
    const digest = request.getDecorator<string | undefined>(DIGEST);
    return digest === undefined ? payload : bodyWithDigest(payload, digest);
  });
}

async function authorize(
  request: FastifyRequest,
  permission: Permission,
  { api, internal, guard }: Authorities,
): Promise<void> {
  switch (permission.kind) {
    case 'anybody':
      return;
    case 'own-services': {
      const { method, url: path, headers } = request;
      request.setDecorator(DIGEST, internal.authorize({ method, path, headers }));
      return;
    }
    case 'action': {
      const principal = await api.authorize(request);
      // Before it is judged, so that the audit says who was denied.
      request.principal = principal;
      const { action, target } = permission;
      const { id } = request.params as { readonly id?: string };
      await guard.require(principal, action, target, id);
    }
  }
}
