import { flowErrorOf, ProblemFilter } from '@app/http';
import { type Log } from '@app/observability';
import { type ArgumentsHost, Catch } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type RefusalReport } from './refusal-report.js';

/** Answers as everywhere, and reports each request that the door turns away. */
@Catch()
export class RefusalFilter extends ProblemFilter {
  constructor(
    private readonly report: RefusalReport,
    log: Log,
    routes: ConstructorParameters<typeof ProblemFilter>[1],
    private readonly bytesMax: number,
  ) {
    super(log, routes, bytesMax);
  }

  override catch(raised: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    this.report.tell(flowErrorOf(raised, this.bytesMax), request);
    super.catch(raised, host);
  }
}
