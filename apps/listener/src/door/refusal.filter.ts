import { flowErrorOf, ProblemFilter, statusOf } from '@app/http';
import { type FlowMetrics, type Log } from '@app/observability';
import { type ArgumentsHost, Catch } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';

/** Answers as everywhere, and counts and logs each request that the door turns away. */
@Catch()
export class RefusalFilter extends ProblemFilter {
  constructor(
    private readonly refusalLog: Log,
    private readonly metrics: FlowMetrics,
    routes: ConstructorParameters<typeof ProblemFilter>[1],
    private readonly bytesMax: number,
  ) {
    super(refusalLog, routes, bytesMax);
  }

  override catch(raised: unknown, host: ArgumentsHost): void {
    const error = flowErrorOf(raised, this.bytesMax);
    const { method, routeOptions, ip } = host.switchToHttp().getRequest<FastifyRequest>();
    this.metrics.refused(error.code);
    if (statusOf(error) < 500) {
      const fields = { code: error.code, method, route: routeOptions.url, remoteAddress: ip };
      this.refusalLog.info(fields, 'Request refused');
    }
    super.catch(raised, host);
  }
}
