import { type WorkflowAccess } from '@app/auth';
import { FlowError, type Problem } from '@app/errors';
import { activityIdOf, type CloudEvent, parseSubject, stripReserved } from '@app/events';
import { CompiledFilters } from '@app/filters';
import { type FlowMetrics } from '@app/observability';
import {
  type ActivityStore,
  DISPATCH_GRACE_MS,
  type DispatchedActivity,
  QuotaExceededError,
  type QuotaReservation,
  reserveQuota,
  type RunQuotas,
  type Workflow,
} from '@app/persistence';

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

/** The activity of an event that may start a run. The receiver settles `reserved` once it is known whether it is new. */
export interface AdmittedEvent {
  readonly activity: DispatchedActivity;
  readonly reserved: QuotaReservation | undefined;
}

/** Checks events that services publish to NATS directly, as the ingress checks those of its senders. */
export class DirectEvents {
  constructor(
    private readonly access: WorkflowAccess,
    private readonly activities: ActivityStore,
    private readonly quotas: Pick<RunQuotas, 'limitOf' | 'reserve'>,
    private readonly clock: () => number,
    private readonly metrics: FlowMetrics,
    private readonly filters = new CompiledFilters(),
  ) {}

  /**
   * Checks token, trigger, filter and quota of the workflow that the event's subject names.
   * @returns undefined for an event that does not match the filter
   * @throws FlowError which is not transient, if the event may not start the workflow
   */
  async admit(sent: CloudEvent): Promise<AdmittedEvent | undefined> {
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
      return undefined;
    }
    const id = activityIdOf(workflowId, event.source, event.id);
    const createdAt = this.clock();
    const reserved = await this.#reserveQuota(id, workflow, createdAt);
    const activity = {
      id,
      workflowId,
      workflowRevision: workflow.latestRevision,
      requires: workflow.requires,
      trigger: facts.trigger,
      createdAt,
      wakeAt: this.clock() + DISPATCH_GRACE_MS,
      event,
      quotaMonth: reserved?.month,
    };
    return { activity, reserved };
  }

  /** @throws EventOverQuotaError, which is not transient: no redelivery can succeed within the month */
  async #reserveQuota(
    id: string,
    workflow: Workflow,
    at: number,
  ): Promise<QuotaReservation | undefined> {
    const { quotas, activities } = this;
    try {
      return await reserveQuota(id, workflow, at, { quotas, activities });
    } catch (error) {
      if (error instanceof QuotaExceededError) throw new EventOverQuotaError(error);
      throw error;
    }
  }
}
