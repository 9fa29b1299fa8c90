import { WorkflowAccess } from '@app/auth';
import { MediaTypeUnsupportedError, IfGiven } from '@app/http';
import { Body, Controller, HttpCode, HttpStatus, Param, Post, Put, Req } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { PermitAnybody, PermitOwnServices } from '../access/permission.js';
import { DispatchIntake } from './dispatch-intake.js';
import { DispatchReader } from './dispatch-bodies.js';
import { NotificationIntake } from './notification-intake.js';
import { IsString, MaxLength } from 'class-validator';

export class TokenToValidate {
  @IfGiven()
  @IsString()
  @MaxLength(1_000)
  readonly token?: string;
}

/** The largest body of an unauthenticated caller, in bytes: enough for a token in JSON with each character escaped. */
const TOKEN_BODY_BYTES_MAX = 16 * 1024;

/** The routes for services of this system over HTTP: the alternative to messages over JetStream. */
@Controller('internal')
export class InternalController {
  constructor(
    private readonly intake: DispatchIntake,
    private readonly notifications: NotificationIntake,
    private readonly access: WorkflowAccess,
    private readonly reader: DispatchReader,
  ) {}

  /**
   * Takes a dispatch in the form that it has over NATS. Answers when the first step of the run is recorded.
   * @throws MediaTypeUnsupportedError if the body is not a CloudEvent in structured mode
   */
  @Put('workflow/event')
  @PermitOwnServices()
  @HttpCode(HttpStatus.ACCEPTED)
  async dispatch(@Req() request: FastifyRequest, @Body() payload: unknown): Promise<void> {
    if (!Buffer.isBuffer(payload)) {
      throw new MediaTypeUnsupportedError('Send the event as application/cloudevents+json');
    }
    const { headers } = request;
    await this.intake.take(this.reader.read({ headers, payload }));
  }

  @Put('activity/:id/wake')
  @PermitOwnServices()
  @HttpCode(HttpStatus.ACCEPTED)
  async notify(@Param('id') activityId: string): Promise<void> {
    await this.notifications.take(activityId);
  }

  /**
   * Checks a token of a workflow, as the API of the earlier listener did: 200; 401 without a token; 403 for a wrong token
   * or an unknown workflow. It needs no credentials, because any caller of the ingress can check a token in this way.
   */
  @Post('workflow/:id/validateToken')
  @PermitAnybody(TOKEN_BODY_BYTES_MAX)
  @HttpCode(HttpStatus.OK)
  async validateToken(@Param('id') id: string, @Body() { token }: TokenToValidate): Promise<void> {
    const given = token === '' ? undefined : token;
    await this.access.authorize(id, given, { trigger: 'webhook' });
  }
}
