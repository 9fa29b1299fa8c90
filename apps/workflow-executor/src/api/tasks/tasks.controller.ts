import { Body, Controller, HttpCode, HttpStatus, Param, Post, Req } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { Permit, principalOf } from '../../access/permission.js';
import { OperateBody, OutcomeBody, VoteBody } from './task-bodies.js';
import { requestKeyOf } from '../request-key.js';
import { type Force, TaskSignals, type Voter } from './task-signals.js';

/** The answer when the signal is on record. */
interface SignalReceipt {
  readonly id: string;
  readonly task: string;
}

/** Votes on tasks, and operators' decisions about them. */
@Controller('api/v2/activities/:id/tasks/:task')
export class TasksController {
  constructor(private readonly signals: TaskSignals) {}

  @Post('vote')
  @Permit('task:vote', 'activity')
  @HttpCode(HttpStatus.ACCEPTED)
  async vote(
    @Param('id') id: string,
    @Param('task') task: string,
    @Body() { verdict, comment }: VoteBody,
    @Req() request: FastifyRequest,
  ): Promise<SignalReceipt> {
    await this.signals.vote(id, task, { voter: voterOf(request), verdict, comment });
    return { id, task };
  }

  /** Makes the task succeed with these results. */
  @Post('complete')
  @Permit('task:operate', 'activity')
  @HttpCode(HttpStatus.ACCEPTED)
  complete(
    @Param('id') id: string,
    @Param('task') task: string,
    @Body() body: OutcomeBody,
    @Req() request: FastifyRequest,
  ): Promise<SignalReceipt> {
    return this.#force(id, task, 'succeeded', body, request);
  }

  /** Makes the task fail; no attempt follows. */
  @Post('fail')
  @Permit('task:operate', 'activity')
  @HttpCode(HttpStatus.ACCEPTED)
  fail(
    @Param('id') id: string,
    @Param('task') task: string,
    @Body() body: OutcomeBody,
    @Req() request: FastifyRequest,
  ): Promise<SignalReceipt> {
    return this.#force(id, task, 'failed', body, request);
  }

  /** Skips the task, as if no edge led to it. */
  @Post('skip')
  @Permit('task:operate', 'activity')
  @HttpCode(HttpStatus.ACCEPTED)
  skip(
    @Param('id') id: string,
    @Param('task') task: string,
    @Body() body: OperateBody,
    @Req() request: FastifyRequest,
  ): Promise<SignalReceipt> {
    return this.#force(id, task, 'skipped', body, request);
  }

  /** Begins another attempt now. */
  @Post('retry')
  @Permit('task:operate', 'activity')
  @HttpCode(HttpStatus.ACCEPTED)
  retry(
    @Param('id') id: string,
    @Param('task') task: string,
    @Body() body: OperateBody,
    @Req() request: FastifyRequest,
  ): Promise<SignalReceipt> {
    return this.#force(id, task, 'retried', body, request);
  }

  async #force(
    id: string,
    task: string,
    outcome: Force['outcome'],
    { reason, results }: Pick<OutcomeBody, 'reason' | 'results'>,
    request: FastifyRequest,
  ): Promise<SignalReceipt> {
    const given = results !== undefined && { results };
    const force = { outcome, reason, by: byOf(request), ...given };
    await this.signals.force(id, task, force, requestKeyOf(request));
    return { id, task };
  }
}

/** The principal of the request. Every route above requires one. */
function voterOf(request: FastifyRequest): Voter {
  return principalOf(request) ?? { label: 'nobody' };
}

/** The label of the principal, as the record of the activity names it. */
function byOf(request: FastifyRequest): string {
  return voterOf(request).label;
}
