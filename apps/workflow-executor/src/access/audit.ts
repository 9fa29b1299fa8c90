import './permission.js';
import { type Log } from '@app/observability';
import { type FastifyInstance } from 'fastify';
import { principalOf } from './permission.js';

/** Methods that change nothing. */
const READING = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Logs one line for each API call that may change something, whatever its outcome: the principal, the action and the
 * status of the response. Call it before the routes are registered.
 */
export function auditApi(server: FastifyInstance, log: Log): void {
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
          remoteAddress: request.ip,
        },
      },
      'API call',
    );
  });
}
