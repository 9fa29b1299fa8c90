import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import { HealthRegistry } from './health-registry.js';
import { isReady, type Readiness } from './readiness.js';

interface StatusReply {
  status(code: number): unknown;
}

@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthRegistry) {}

  /** The process answers; nothing else is asked, so that nobody restarts it for a database. */
  @Get('live')
  @Header('Cache-Control', 'no-store')
  live(): { readonly status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  ready(@Res({ passthrough: true }) reply: StatusReply): Readiness {
    const readiness = this.health.readiness();
    if (!isReady(readiness)) reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return readiness;
  }
}
