import { Controller, Get, Post, Req, Res, UseGuards } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { BacklogGuard } from '../bounds/backlog-limit.js';
import { Receipts } from '../receipts.js';
import { WebhookReception } from './webhook-reception.js';

const PATHS = ['listener/webhook', 'api/v2/webhook', 'api/v2/trigger/webhook'].flatMap((path) => [
  path,
  `${path}/:provider`,
]);

/** Receives webhooks, under the paths of the old listener and of the API. */
@Controller()
export class WebhookController {
  constructor(
    private readonly reception: WebhookReception,
    private readonly receipts: Receipts,
  ) {}

  /** Also serves HEAD: Fastify answers it as GET, without the body. */
  @Get(PATHS)
  async check(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.receipts.sendCheck(reply, await this.reception.check(request));
  }

  @Post(PATHS)
  @UseGuards(BacklogGuard)
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.receipts.sendWebhook(reply, await this.reception.receive(request));
  }
}
