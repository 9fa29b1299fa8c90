import { Controller, Post, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Receipts } from './receipts.js';
import { WebhookReception } from './webhook-reception.js';

/** Webhooks; the paths of the old listener and of the API. */
@Controller()
export class WebhookController {
  constructor(
    private readonly reception: WebhookReception,
    private readonly receipts: Receipts,
  ) {}

  @Post(['listener/webhook', 'api/v2/webhook'])
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.receipts.sendOne(reply, await this.reception.receive(request));
  }
}
