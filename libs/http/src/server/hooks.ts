import { type FlowError } from '@app/errors';
import { type FlowMetrics } from '@app/observability';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Load } from '../admission/overload-gate.js';
import { RateGate } from '../admission/rate-gate.js';
import { refusalOf } from '../body/collect-body.js';
import { closeIfBodyUnread } from '../body/unread-body.js';
import { RouteNotFoundError } from '../errors.js';
import { headRejection } from './head-rejection.js';
import { type HttpOptions } from './http-options.js';
import { type RouteTable } from './route-table.js';

/** Remembers every route, also those that Fastify adds for HEAD. */
export function recordRoutes(server: FastifyInstance, routes: RouteTable): void {
  server.addHook('onRoute', ({ method, url }) => {
    routes.add(method, url);
  });
}

/** The checks that a request passes before anything else. */
export function admitRequests(server: FastifyInstance, options: HttpOptions, load: Load): void {
  const { inFlight, loopDelay } = load;
  const rate = new RateGate(options);

  const rejectionOf = (request: FastifyRequest, reply: FastifyReply): FlowError | undefined => {
    const rejection =
      headRejection(request) ?? rate.rejectionOf(request, reply) ?? emptyParameterIn(request);
    if (rejection !== undefined) return rejection;
    // The gate has checked that there is room.
    inFlight.enter(request);
    return undefined;
  };
  server.addHook('onRequest', (request, reply, done) => {
    done(rejectionOf(request, reply));
  });
  server.addHook('onClose', (_server, done) => {
    loopDelay.stop();
    done();
  });
  // Not `onResponse`, which is not called when the client has disconnected meanwhile.
  server.addHook('onSend', (request, _reply, _payload, done) => {
    inFlight.leave(request);
    done();
  });
}

/** Bodies that Fastify reads: a request whose sender was refused meanwhile gets to no handler. */
export function stopRefused(server: FastifyInstance): void {
  server.addHook('preValidation', (request, _reply, done) => {
    done(refusalOf(request.raw));
  });
}

/** The headers that every answer needs. */
export function finishAnswers(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, _payload, done) => {
    closeIfBodyUnread(request.raw, reply.raw);
    // A shared cache must not keep the answer to a request with a token in its URL (RFC 6750, 2.3).
    if (hasTokenInUrl(request)) void reply.header('Cache-Control', 'private');
    done();
  });
}

export function countAnswers(server: FastifyInstance, metrics: FlowMetrics): void {
  server.addHook('onResponse', (_request, reply, done) => {
    metrics.httpAnswered(reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
}

/** The router takes an empty segment of the path (`/things//`) for a parameter of `/things/:id`. */
function emptyParameterIn({ is404, params }: FastifyRequest): FlowError | undefined {
  const isEmpty = !is404 && Object.values(params as object).includes('');
  return isEmpty ? new RouteNotFoundError() : undefined;
}

function hasTokenInUrl({ query }: FastifyRequest): boolean {
  return typeof query === 'object' && query !== null && 'access_token' in query;
}
