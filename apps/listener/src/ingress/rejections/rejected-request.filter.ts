import { type FlowError } from '@app/errors';
import { ProblemFilter, statusOf } from '@app/http';
import { Catch } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type FlowMetrics, type Log } from '@app/observability';
import { QuotaExceededError } from '@app/persistence';
import { type DecisionLog } from '../../decisions/decision-log.js';

/** Counts and logs whatever the ingress turns away: a request, or one event of a batch. */
export class RejectedRequestReport {
  constructor(
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
    private readonly decisions: Pick<DecisionLog, 'add'>,
  ) {}

  /** What is our own fault is only counted here: who answers it logs it. */
  tell(error: FlowError, { method, routeOptions, ip }: FastifyRequest): void {
    this.metrics.rejected(error.code);
    const { code, kind } = error;
    // Nobody has looked whether there is such a workflow, so none is named; a quota is one workflow's.
    if (kind === 'rate-limited' && !(error instanceof QuotaExceededError))
      this.decisions.add({ outcome: 'rate-limited', code, remoteAddress: ip });
    if (statusOf(error) >= 500) return;
    this.log.routine(
      () => ({ code: error.code, method, route: routeOptions.url, remoteAddress: ip }),
      'Request rejected',
    );
  }
}

/** Answers as everywhere, and reports each request that the ingress turns away. */
@Catch()
export class RejectedRequestFilter extends ProblemFilter {
  constructor(
    private readonly rejectedRequests: RejectedRequestReport,
    ...answering: ConstructorParameters<typeof ProblemFilter>
  ) {
    super(...answering);
  }

  protected override report(error: FlowError, request: FastifyRequest): void {
    this.rejectedRequests.tell(error, request);
  }
}
