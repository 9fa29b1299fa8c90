import { Controller, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { BacklogGuard } from '../bounds/backlog-limit.js';
import { EventsReception } from './events-reception.js';
import { EventReception } from './event-reception.js';
import { Receipts } from '../receipts.js';

/** Receives CloudEvents, under the paths of the old listener and of the API. */
@Controller()
@UseGuards(BacklogGuard)
export class EventController {
  constructor(
    private readonly reception: EventReception,
    private readonly events: EventsReception,
    private readonly receipts: Receipts,
  ) {}

  @Post(['listener/event', 'api/v2/event'])
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.receipts.send(reply, await this.reception.receive(request));
  }

  /** Takes one event for all workflows that the token may start. */
  @Post('api/v2/events')
  async postForAll(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.receipts.sendEvents(reply, await this.events.receive(request));
  }

  @Put('listener/event')
  put(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.post(request, reply);
  }
}
