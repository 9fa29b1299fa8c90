import { randomUUID } from 'node:crypto';
import { type FlowError } from '@app/errors';
import { type Log } from '@app/observability';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { MethodNotAllowedError } from '../errors.js';
import { type RouteTable } from '../server/route-table.js';
import { flowErrorOf } from './flow-error-of.js';
import { bytesOf, PROBLEM_CONTENT_TYPE, problemOf, statusOf } from './problem-of.js';

/** Answers every error of an HTTP request with problem details, and logs our own defects, once. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly routes: RouteTable,
  ) {}

  catch(raised: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const allowed = request.is404 ? this.routes.methodsAt(request.raw.url ?? '/') : [];
    if (allowed.length > 0 && request.method === 'OPTIONS') {
      void reply.status(204).header('Allow', allowed.join(', ')).send();
      return;
    }
    const error =
      allowed.length > 0
        ? new MethodNotAllowedError(allowed)
        : flowErrorOf(raised, request.routeOptions.bodyLimit);
    this.report?.(error, request);
    this.#send(error, reply, request);
  }

  /** A hook for subclasses: called with each error before it is answered. */
  protected report?(error: FlowError, request: FastifyRequest): void;

  #send(error: FlowError, reply: FastifyReply, request: FastifyRequest): void {
    const instance = error.kind === 'defect' ? `urn:uuid:${randomUUID()}` : undefined;
    if (statusOf(error) >= 500) this.#log(error, request, instance);
    const { status, headers, body } = problemOf(error, instance);
    void reply
      .status(status)
      .headers(headers)
      .header('Content-Type', PROBLEM_CONTENT_TYPE)
      .send(bytesOf(body));
  }

  /** Overload and a missing store are reported elsewhere; a defect needs its stack in the log. */
  #log(error: FlowError, request: FastifyRequest, instance: string | undefined): void {
    const fields = {
      code: error.code,
      method: request.method,
      route: request.routeOptions.url,
    };
    if (error.kind === 'defect') {
      const { cause: err = error } = error;
      this.log.error({ ...fields, instance, err }, 'A request failed on our side');
    } else {
      const { message: reason } = error;
      this.log.routine(() => ({ ...fields, reason }), 'A request could not be served');
    }
  }
}
