import { type FlowError } from '@app/errors';
import { ProblemFilter, statusOf } from '@app/http';
import { Catch } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type FlowMetrics, type Log } from '@app/observability';
import { QuotaExceededError } from '@app/persistence';
import { type DecisionLog } from '../../decisions/decision-log.js';

/** Counts and logs rejections by the ingress: of a request, or of one event of a batch. */
export class RejectedRequestReport {
  constructor(
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
    private readonly decisions: Pick<DecisionLog, 'add'>,
  ) {}

  /** Reports one rejection. Errors of the server (5xx) are only counted, because the answering filter logs them. */
  add(error: FlowError, { method, routeOptions, ip }: FastifyRequest): void {
    this.metrics.rejected(error.code);
    const { code, kind } = error;
    // Rate limits apply before the workflow is known, so the decision names none. A quota belongs to a workflow.
    if (kind === 'rate-limited' && !(error instanceof QuotaExceededError))
      this.decisions.add({ outcome: 'rate-limited', code, remoteAddress: ip });
    if (statusOf(error) >= 500) return;
    this.log.routine(
      () => ({ code: error.code, method, route: routeOptions.url, remoteAddress: ip }),
      'Request rejected',
    );
  }
}

/** Answers as `ProblemFilter` does, and reports each rejected request. */
@Catch()
export class RejectedRequestFilter extends ProblemFilter {
  constructor(
    private readonly rejectedRequests: RejectedRequestReport,
    ...answering: ConstructorParameters<typeof ProblemFilter>
  ) {
    super(...answering);
  }

  protected override report(error: FlowError, request: FastifyRequest): void {
    this.rejectedRequests.add(error, request);
  }
}
