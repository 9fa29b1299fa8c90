import { Body, Controller, HttpCode, HttpStatus, Param, Post, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Permit, principalOf } from '../../access/permission.js';
import { SignalDelivery } from '../../runs/signals/signal-delivery.js';
import { retryOfView, type RetryOfView } from '../activities/retry-view.js';
import { ActivityRetries } from './activity-retries.js';
import { readRetryWish } from './read-retry-wish.js';

interface RetryReceipt {
  /** Of the new activity. */
  readonly id: string;
  readonly retryOf: RetryOfView | undefined;
}

/** Lets runs that have ended begin anew. */
@Controller('api/v2/activities/:id/retry')
export class RetriesController {
  constructor(
    private readonly retries: ActivityRetries,
    private readonly signals: SignalDelivery,
  ) {}

  /** Answers when the new activity is on record; asked for again, it is the same one. */
  @Post()
  @Permit('activity:retry', 'activity')
  @HttpCode(HttpStatus.ACCEPTED)
  async retry(
    @Param('id') activity: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RetryReceipt> {
    const by = principalOf(request)?.label ?? 'nobody';
    const wish = readRetryWish(body);
    const { id, retryOf, isReplayed } = await this.retries.retry(activity, wish, by);
    this.signals.deliver(id);
    void reply.header('Location', `/api/v2/activities/${id}`);
    if (isReplayed) void reply.header('Idempotent-Replayed', 'true');
    return { id, retryOf: retryOfView(retryOf) };
  }
}
