import { toJsonText } from '@app/json';
import { Controller, Get, HttpCode, HttpStatus, Post, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { CallbackReception } from './callback-reception.js';

const PATHS = ['listener/webhook/wfe', 'api/v2/callback', 'api/v2/wfe'];

/** Receives events for waiting activities, under the paths of the old listener and of the API. */
@Controller()
export class CallbackController {
  constructor(private readonly reception: CallbackReception) {}

  @Post(PATHS)
  @HttpCode(HttpStatus.ACCEPTED)
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#answer(request, reply);
  }

  /** GET serves links in mails. HEAD checks whether the activity exists, and delivers nothing. */
  @Get(PATHS)
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (request.method !== 'HEAD') return this.#answer(request, reply);
    await this.reception.check(request);
    void reply.status(HttpStatus.OK).send();
  }

  async #answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { receipt, replayed } = await this.reception.receive(request);
    if (replayed) void reply.header('Idempotent-Replayed', 'true');
    void reply
      .status(HttpStatus.ACCEPTED)
      .header('Content-Type', 'application/json; charset=utf-8')
      .send(toJsonText(receipt));
  }
}
