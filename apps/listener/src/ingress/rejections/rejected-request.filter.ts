import { type FlowError } from '@app/errors';
import { ProblemFilter } from '@app/http';
import { Catch } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type RejectedRequestReport } from './rejected-request-report.js';

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
