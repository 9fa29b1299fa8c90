import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { toJsonText } from '@app/json';
import { type FlowMetrics, type Log } from '@app/observability';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply } from 'fastify';
import { InFlightLimit } from '../admission/in-flight-limit.js';
import { LoopDelay } from '../admission/loop-delay.js';
import { gateBefore, type Load, type Serve } from '../admission/overload-gate.js';
import { takeAnyContentType } from '../body/any-content-type.js';
import { holdContinue } from '../body/expect-continue.js';
import { parseJsonBodies } from '../body/json-body.js';
import { flowErrorOf } from '../problem/flow-error-of.js';
import { bytesOf, PROBLEM_CONTENT_TYPE, problemOf } from '../problem/problem-of.js';
import { answerClientError, answerConnect, rememberLast } from './client-error.js';
import { admitRequests, countAnswers, finishAnswers, recordRoutes, stopRefused } from './hooks.js';
import { type HttpOptions } from './http-options.js';
import { RouteTable } from './route-table.js';

/** How often Node checks for requests that are too slow, in milliseconds. */
const TIMEOUTS_CHECKED_EVERY_MS = 1_000;

const PATH_SEGMENT_CHARS_MAX = 256;

/**
 * Nest's Fastify with our bounds. Nest middleware is not available, because its plug-in slows down every request: use
 * guards, interceptors or Fastify hooks.
 */
export class FlowFastifyAdapter extends FastifyAdapter {
  readonly routes = new RouteTable();
  readonly #closeMsMax: number;

  constructor(options: HttpOptions, gate: (serve: Serve) => Serve) {
    super({
      ...serverOptions(options),
      serverFactory: (serve: Serve) => serverOf(options, gate(serve)),
    });
    this.#closeMsMax = options.closeMsMax;
  }

  /** Left to `bodies`: Nest would add its own parsers for JSON and forms. */
  override registerParserMiddleware(): void {
    return;
  }

  /**
   * Takes no new connections, answers open requests, and cuts off what is not complete after `closeMsMax`: Node stops
   * checking for slow requests once it closes, so one of them would keep it open.
   */
  override async close(): Promise<void> {
    const server = this.getHttpServer();
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, this.#closeMsMax);
    await super.close();
    clearTimeout(timer);
  }
}

export function createFastifyAdapter(
  options: HttpOptions,
  metrics: FlowMetrics,
  log: Log,
): FlowFastifyAdapter {
  const load: Load = {
    inFlight: new InFlightLimit(options.inFlightMax),
    loopDelay: new LoopDelay(options.loopDelayMsMax),
  };
  const refused = (code: string, status: number, { method }: IncomingMessage): void => {
    metrics.rejected(code);
    metrics.httpAnswered(status);
    log.routine(() => ({ code, method }), 'Request rejected');
  };
  const adapter = new FlowFastifyAdapter(options, (serve) => gateBefore(serve, load, refused));
  const server = adapter.getInstance<FastifyInstance>();
  recordRoutes(server, adapter.routes);
  admitRequests(server, options, load);
  finishAnswers(server);
  server.setReplySerializer(toJsonText);
  countAnswers(server, metrics);
  metrics.gauges.inFlight('http_requests', () => load.inFlight.inFlight);
  if (options.bodies === 'json') {
    parseJsonBodies(server, options.json);
    stopRefused(server);
  } else {
    leaveBodiesUnread(server);
  }
  return adapter;
}

function serverOf(options: HttpOptions, serve: Serve): Server {
  const server = createServer(
    {
      maxHeaderSize: options.headerBytesMax,
      headersTimeout: options.headersTimeoutMs,
      requestTimeout: options.requestTimeoutMs,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      connectionsCheckingInterval: TIMEOUTS_CHECKED_EVERY_MS,
      // Ours (`headRejection`) answers with problem details and counts them.
      requireHostHeader: false,
    },
    serve,
  );
  server.maxConnections = options.connectionsMax;
  // 0 is no limit; `headerBytesMax` bounds them. Node drops headers beyond its default of 2,000 without an error, and
  // one of them may be the token, or a second one that must be refused.
  server.maxHeadersCount = 0;
  server.on('connect', answerConnect);
  server.on('request', rememberLast);
  // Ours (`headRejection`) answers with problem details.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response);
  });
  return server;
}

function serverOptions(options: HttpOptions) {
  return {
    bodyLimit: options.bodyBytesMax,
    routerOptions: { maxParamLength: PATH_SEGMENT_CHARS_MAX, ignoreTrailingSlash: true },
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    // While it closes, requests on open connections are served as before.
    return503OnClosing: false,
    skipMiddie: true,
    multipart: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: Error, _request: unknown, reply: FastifyReply): void => {
      const { status, body } = problemOf(flowErrorOf(error, options.bodyBytesMax));
      void reply.status(status).header('Content-Type', PROBLEM_CONTENT_TYPE).send(bytesOf(body));
    },
  };
}

function leaveBodiesUnread(server: FastifyInstance): void {
  takeAnyContentType(server);
  holdContinue(server.server);
}
