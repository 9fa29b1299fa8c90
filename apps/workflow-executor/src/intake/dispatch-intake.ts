import { type Dispatch, type ReceivedDispatch } from '@app/events';
import { type FlowMetrics, type Log } from '@app/observability';
import {
  type ActivityStore,
  DISPATCH_GRACE_MS,
  type DispatchedActivity,
  type NewActivity,
  newActivityOf,
  type QuotaReservation,
} from '@app/persistence';
import { type RunStarter } from '../runs/starting/run-starter.js';
import { type DirectEvents } from './direct-events.js';
import { type NotificationIntake } from './notification-intake.js';

/** Takes dispatches from NATS and HTTP: records those that are not on record yet, and starts their runs. */
export class DispatchIntake {
  constructor(
    private readonly direct: DirectEvents,
    private readonly notifications: NotificationIntake,
    private readonly store: ActivityStore,
    private readonly starter: RunStarter,
    private readonly clock: () => number,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
  ) {}

  /**
   * Resolves when the run's first step is recorded; the message can then be acknowledged.
   * @throws StoreUnavailableError, ExecutorStoppingError: the message must be redelivered
   */
  async take(received: ReceivedDispatch): Promise<void> {
    if (received.kind === 'signed') return this.#takeSigned(received.dispatch);
    const admitted = await this.direct.admit(received.event);
    if (admitted) await this.#recordAndStart(admitted.activity, admitted.reserved);
  }

  #takeSigned(dispatch: Dispatch): Promise<void> {
    const origin = newActivityOf(dispatch, this.clock() + DISPATCH_GRACE_MS);
    return dispatch.recorded ? this.starter.startNew(origin) : this.#recordAndStart(origin);
  }

  /** An activity that is on record runs as recorded: it may be pinned to an earlier revision. */
  async #recordAndStart(origin: DispatchedActivity, reserved?: QuotaReservation): Promise<void> {
    const outcome = await this.store.record(origin).catch((error: unknown) => {
      reserved?.settle(false);
      throw error;
    });
    reserved?.settle(outcome.kind === 'recorded');
    if (outcome.kind === 'recorded') await this.starter.startNew(origin);
    if (outcome.kind === 'duplicate') await this.notifications.take(origin.id);
    if (outcome.kind === 'conflict') await this.#settleConflict(origin);
  }

  /**
   * Two events with one id have different content; while MongoDB was away the ingress could not reject the second. The
   * one that was accepted first is run, unless the other has begun. The record counts the conflict. After a replacement
   * the record is due at once: the driver of the other event leaves, and a sweeper starts the run.
   */
  async #settleConflict(origin: NewActivity): Promise<void> {
    const { id: activityId, workflowId } = origin;
    const outcome = await this.store.recordEarlier({ ...origin, wakeAt: this.clock() });
    this.metrics.conflict();
    const facts = { activityId, workflowId, acceptedAt: origin.createdAt };
    if (outcome === 'replaced')
      this.log.warn(facts, 'A later event had the same id with other content; it is not run');
    else
      this.log.warn(facts, 'An earlier event had the same id with other content; this is not run');
  }
}
