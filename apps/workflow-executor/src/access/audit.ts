import './permission.js';
import { type Log } from '@app/observability';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { principalOf } from './permission.js';

/** Methods that change nothing. */
const READING = ['GET', 'HEAD', 'OPTIONS'];

/** What the holder of a new credential may do. It never contains the credential itself. */
export interface Granted {
  readonly id: string;
  readonly label: string;
  readonly role?: string;
  readonly groups?: readonly string[];
  readonly scope?: object;
  /** The provider whose requests the secret of a webhook signs. */
  readonly provider?: string;
  /** ISO 8601; undefined if it does not expire. */
  readonly expiresAt: string | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    granted: Granted | undefined;
  }
}

/** Adds what the new credential permits to the audit line of this call. */
export function auditGranted(request: FastifyRequest, granted: Granted): void {
  const { id, label, role, groups, scope, provider, expiresAt } = granted;
  // Members are copied one by one, so that no other member of the argument gets into the log.
  request.granted = {
    ...{ id, label, expiresAt },
    ...(role !== undefined && { role }),
    ...(groups !== undefined && { groups }),
    ...(scope !== undefined && { scope }),
    ...(provider !== undefined && { provider }),
  };
}

/**
 * Logs one line for each API call that may change something, whatever its outcome: the principal, the action, the
 * status of the response, and what was granted. Call it before the routes are registered.
 */
export function auditApi(server: FastifyInstance, log: Log): void {
  server.decorateRequest('granted', undefined);
  server.addHook('onResponse', async (request, reply) => {
    const { url: route = '', config } = request.routeOptions;
    if (config.permission?.kind !== 'action' || READING.includes(request.method)) return;
    log.info(
      {
        audit: {
          principal: principalOf(request)?.label,
          action: `${request.method} ${route}`,
          target: request.params,
          status: reply.statusCode,
          granted: request.granted,
          remoteAddress: request.ip,
        },
      },
      'API call',
    );
  });
}
