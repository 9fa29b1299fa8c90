import { type FlowError } from '@app/errors';
import { statusOf } from '@app/http';
import { type FlowMetrics, type Log } from '@app/observability';
import { type FastifyRequest } from 'fastify';

/** Counts and logs whatever the ingress turns away: a request, or one event of a batch. */
export class RejectedRequestReport {
  constructor(
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
  ) {}

  /** What is our own fault is only counted here: who answers it logs it. */
  tell(error: FlowError, { method, routeOptions, ip }: FastifyRequest): void {
    this.metrics.rejected(error.code);
    if (statusOf(error) >= 500) return;
    this.log.routine(
      () => ({ code: error.code, method, route: routeOptions.url, remoteAddress: ip }),
      'Request rejected',
    );
  }
}
