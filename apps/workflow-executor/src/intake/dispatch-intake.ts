import {
  activityIdOf,
  type CloudEvent,
  type Dispatch,
  parseSubject,
  type ReceivedDispatch,
  stripReserved,
} from '@app/events';
import { type WorkflowAccess } from '@app/auth';
import { CompiledFilters } from '@app/filters';
import { type ActivityNotices } from '@app/messaging';
import { type FlowMetrics, type Log } from '@app/observability';
import {
  type ActivityStore,
  DISPATCH_GRACE_MS,
  type DispatchedActivity,
  type NewActivity,
  newActivityOf,
  reserveQuota,
  QuotaExceededError,
  type QuotaReservation,
  type RunQuotas,
  type Workflow,
} from '@app/persistence';
import { type ActiveRuns } from '../runs/driving/active-runs.js';
import { type RunStarter } from '../runs/starting/run-starter.js';
import { FlowError, type Problem } from '@app/errors';

/** The subject of an event that was published to NATS directly names no workflow. */
class SubjectWithoutWorkflowError extends FlowError {
  readonly code = 'SUBJECT_WITHOUT_WORKFLOW';
  readonly kind = 'invalid';

  constructor(problem: Problem) {
    super(`The event's subject ${problem.detail}`, { problems: [problem] });
  }
}

/**
 * The workflow's quota of runs for the month is used up. The message becomes a dead letter, which an operator can send
 * again.
 */
class EventOverQuotaError extends FlowError {
  readonly code = 'QUOTA_EXCEEDED';
  readonly kind = 'forbidden';

  constructor(cause: QuotaExceededError) {
    super(cause.message, { cause });
  }
}

/** Takes dispatches and notices from NATS and HTTP: starts runs and notifies drivers. */
export class DispatchIntake {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly store: ActivityStore,
    private readonly starter: RunStarter,
    private readonly runs: ActiveRuns,
    private readonly notices: ActivityNotices,
    private readonly clock: () => number,
    private readonly metrics: FlowMetrics,
    private readonly log: Log,
    private readonly quotas: Pick<RunQuotas, 'limitOf' | 'reserve'>,
    private readonly filters = new CompiledFilters(),
  ) {}

  /**
   * Resolves when the run's first step is recorded; the message can then be acknowledged.
   * @throws StoreUnavailableError, ExecutorStoppingError: the message must be redelivered
   */
  take(received: ReceivedDispatch): Promise<void> {
    return received.kind === 'signed'
      ? this.#takeSigned(received.dispatch)
      : this.#takeUnsigned(received.event);
  }

  /** Makes the driver of the activity, here or on another executor, read its record; resumes it if it has none. */
  async notify(activityId: string): Promise<void> {
    if (this.runs.notify(activityId)) return;
    const found = await this.store.get(activityId);
    if (!found) return;
    if (found.leaseOwner !== undefined) this.notices.notify(activityId);
    await this.starter.resume(found);
  }

  #takeSigned(dispatch: Dispatch): Promise<void> {
    const origin = newActivityOf(dispatch, this.#wakeAt());
    return dispatch.recorded ? this.starter.startNew(origin) : this.#recordAndStart(origin);
  }

  /** Takes an event that a service published to NATS directly. Its token, trigger, filter and quota are checked here. */
  async #takeUnsigned(sent: CloudEvent): Promise<void> {
    const { event, token } = stripReserved(sent);
    const subject = parseSubject(event.subject);
    if (subject.kind === 'problem') throw new SubjectWithoutWorkflowError(subject.problem);
    const { workflowId } = subject.target;
    const facts = { trigger: 'event', eventId: event.id, source: event.source } as const;
    const workflow = await this.access.authorize(workflowId, token, facts);
    this.access.requireTrigger(workflow, facts);
    const filter = workflow.triggers[facts.trigger]?.filter;
    if (filter !== undefined && !this.filters.of(filter).matches(event)) {
      this.metrics.filtered();
      return;
    }
    const id = activityIdOf(workflowId, event.source, event.id);
    const createdAt = this.clock();
    const reserved = await this.#reserveQuota(id, workflow, createdAt);
    const origin = {
      id,
      workflowId,
      workflowRevision: workflow.latestRevision,
      requires: workflow.requires,
      trigger: facts.trigger,
      createdAt,
      wakeAt: this.#wakeAt(),
      event,
      quotaMonth: reserved?.month,
    };
    await this.#recordAndStart(origin, reserved);
  }

  /** @throws EventOverQuotaError, which is not transient: no redelivery can succeed within the month */
  async #reserveQuota(
    id: string,
    workflow: Workflow,
    at: number,
  ): Promise<QuotaReservation | undefined> {
    try {
      return await reserveQuota(id, workflow, at, { quotas: this.quotas, activities: this.store });
    } catch (error) {
      if (error instanceof QuotaExceededError) throw new EventOverQuotaError(error);
      throw error;
    }
  }

  /** An activity that is on record runs as recorded: it may be pinned to an earlier revision. */
  async #recordAndStart(origin: DispatchedActivity, reserved?: QuotaReservation): Promise<void> {
    const outcome = await this.store.record(origin).catch((error: unknown) => {
      reserved?.settle(false);
      throw error;
    });
    reserved?.settle(outcome.kind === 'recorded');
    if (outcome.kind === 'recorded') await this.starter.startNew(origin);
    if (outcome.kind === 'duplicate') await this.notify(origin.id);
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

  #wakeAt(): number {
    return this.clock() + DISPATCH_GRACE_MS;
  }
}
