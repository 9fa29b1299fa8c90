import { Body, Controller, HttpCode, HttpStatus, Param, Post, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Permit, principalOf } from '../../access/permission.js';
import { SignalDelivery } from '../../runs/signals/signal-delivery.js';
import { retryOfView, type RetryOfView } from './retry-view.js';
import { OperateBody } from '../tasks/task-bodies.js';
import { requestKeyOf } from '../request-key.js';
import { TaskSignals } from '../tasks/task-signals.js';
import { ActivityRetries } from './activity-retries.js';
import { readRetryWish } from './read-retry-wish.js';

interface RetryReceipt {
  /** The id of the new activity. */
  readonly id: string;
  readonly retryOf: RetryOfView | undefined;
}

/** Retries runs that have ended, and begins the next attempt of tasks that wait for one. */
@Controller('api/v2/activities/:id')
export class RetriesController {
  constructor(
    private readonly retries: ActivityRetries,
    private readonly signals: SignalDelivery,
    private readonly tasks: TaskSignals,
  ) {}

  /** Answers when the new activity is on record; the same request again answers with the same activity. */
  @Post('retry')
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

  /** All tasks that wait for another attempt begin it now; answers when that is on record. */
  @Post('resume')
  @Permit('task:operate', 'activity')
  @HttpCode(HttpStatus.ACCEPTED)
  async resume(
    @Param('id') id: string,
    @Body() { reason }: OperateBody,
    @Req() request: FastifyRequest,
  ): Promise<{ readonly id: string }> {
    const said = { by: principalOf(request)?.label ?? 'nobody', reason };
    await this.tasks.resume(id, said, requestKeyOf(request));
    return { id };
  }
}
