import { WorkflowAccess } from '@app/auth';
import { MediaTypeUnsupportedError, IfGiven } from '@app/http';
import { Body, Controller, HttpCode, HttpStatus, Param, Post, Put, Req } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { PermitAnybody, PermitOwnServices } from '../access/permission.js';
import { DispatchIntake } from './dispatch-intake.js';
import { DispatchReader } from './dispatch-bodies.js';
import { IsString, MaxLength } from 'class-validator';

export class TokenToValidate {
  @IfGiven()
  @IsString()
  @MaxLength(1_000)
  readonly token?: string;
}

/**
 * The largest body that is read of an unauthenticated caller, in bytes: a token in JSON, with each character escaped.
 */
const TOKEN_BODY_BYTES_MAX = 16 * 1024;

/** The routes for our own services over HTTP: the alternative to messages over JetStream. */
@Controller('internal')
export class InternalController {
  constructor(
    private readonly intake: DispatchIntake,
    private readonly access: WorkflowAccess,
    private readonly reader: DispatchReader,
  ) {}

  /**
   * A dispatch, in the form it has over NATS; answered when the activity has begun.
   * @throws MediaTypeUnsupportedError for what was not sent as a CloudEvent
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
    await this.intake.notify(activityId);
  }

  /**
   * Answers as the earlier listener's API: 200, 401 without a token, 403 for a wrong token or an unknown workflow. It
   * needs no credentials, because the ingress answers the same question for everybody.
   */
  @Post('workflow/:id/validateToken')
  @PermitAnybody(TOKEN_BODY_BYTES_MAX)
  @HttpCode(HttpStatus.OK)
  async validateToken(@Param('id') id: string, @Body() { token }: TokenToValidate): Promise<void> {
    const given = token === '' ? undefined : token;
    await this.access.authorize(id, given, { trigger: 'webhook' });
  }
}
