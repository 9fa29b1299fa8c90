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
 * Checks each request against the permission that its route declares (`@Permit` and its siblings). The application
 * does not start with a route that declares none. It is a hook of Fastify and not a guard of Nest, because a guard
 * runs after the body was read and parsed: an unauthenticated caller could make it hold the largest body. Call it
 * before the routes are registered.
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
    // Otherwise Fastify would read the body of a request without a route as well.
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
      // The principal is set before the check, so that the audit log names a denied principal.
      request.principal = principal;
      const { action, target } = permission;
      const { id } = request.params as { readonly id?: string };
      await guard.require(principal, action, target, id);
    }
  }
}
