import { type FlowError } from '@app/errors';
import { ProblemFilter } from '@app/http';
import { Catch } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type RefusalReport } from './refusal-report.js';

/** Answers as everywhere, and reports each request that the door turns away. */
@Catch()
export class RefusalFilter extends ProblemFilter {
  constructor(
    private readonly refusals: RefusalReport,
    ...answering: ConstructorParameters<typeof ProblemFilter>
  ) {
    super(...answering);
  }

  protected override report(error: FlowError, request: FastifyRequest): void {
    this.refusals.tell(error, request);
  }
}
