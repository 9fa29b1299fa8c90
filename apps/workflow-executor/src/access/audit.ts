import './permission.js';
import { type Log } from '@app/observability';
import { type FastifyInstance } from 'fastify';
import { principalOf } from './permission.js';

/** Methods that change nothing. */
const READING = ['GET', 'HEAD', 'OPTIONS'];

/**
 * One line for each call of the API that was to change something, whatever came of it: who, what,
 * and the status that was answered. Call it before the routes are there.
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
