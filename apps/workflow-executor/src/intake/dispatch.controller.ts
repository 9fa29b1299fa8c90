import { type BatchedDispatch, type ReceivedDispatch } from '@app/events';
import {
  FLOW_ANSWER,
  FLOW_BATCH,
  FLOW_EVENT,
  FLOW_SIGNAL,
  JETSTREAM,
  type JetStreamContext,
  PassErrorToAckLoop,
} from '@app/messaging';
import { Controller, UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { BatchIntake } from './batch-intake.js';
import { DispatchIntake } from './dispatch-intake.js';
import { type ExhaustedTask, ExhaustedTasks } from './exhausted-tasks.js';
import { NotificationIntake } from './notification-intake.js';
import { type WorkerAnswer, WorkerAnswers } from './worker-answers.js';

/** Handles the messages of JetStream. A message is acknowledged when its handler resolves. */
@Controller()
@UseFilters(PassErrorToAckLoop)
export class DispatchController {
  constructor(
    private readonly intake: DispatchIntake,
    private readonly batches: BatchIntake,
    private readonly notifications: NotificationIntake,
    private readonly answers: WorkerAnswers,
    private readonly exhausted: ExhaustedTasks,
  ) {}

  @EventPattern(FLOW_EVENT, JETSTREAM)
  dispatch(@Payload() received: ReceivedDispatch): Promise<void> {
    return this.intake.take(received);
  }

  @EventPattern(FLOW_BATCH, JETSTREAM)
  batch(@Payload() batch: readonly BatchedDispatch[], @Ctx() context: unknown): Promise<void> {
    const { deliveries, settled } = context as JetStreamContext;
    return this.batches.take(batch, deliveries, settled);
  }

  @EventPattern(FLOW_SIGNAL, JETSTREAM)
  notify(@Payload() activityId: string): Promise<void> {
    return this.notifications.take(activityId);
  }

  @EventPattern(FLOW_ANSWER, JETSTREAM)
  answer(@Payload() received: WorkerAnswer | ExhaustedTask): Promise<void> {
    return 'signal' in received ? this.answers.take(received) : this.exhausted.take(received);
  }
}
