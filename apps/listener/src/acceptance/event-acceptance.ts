import { FlowError } from '@app/errors';
import {
  activityIdOf,
  type CloudEvent,
  type Dispatch,
  receiptOf,
  type TriggerKind,
  type WebhookRequest,
} from '@app/events';
import { type CompiledFilters, FilterSubject } from '@app/filters';
import { type Dispatcher } from '@app/messaging';
import { activityTrace, type FlowMetrics, type Log } from '@app/observability';
import {
  type ActivityStore,
  type DecisionOutcome,
  DISPATCH_GRACE_MS,
  newActivityOf,
  reserveQuota,
  QuotaExceededError,
  type QuotaReservation,
  type RecordOutcome,
  type RunQuotas,
  StoreUnavailableError,
  type Workflow,
} from '@app/persistence';
import type { FilteredReceipt, Receipt } from '@flow-eventing/events';
import { decidedClauses } from '../decisions/decided-clauses.js';
import { type DecisionFacts, type DecisionLog } from '../decisions/decision-log.js';
import { type Signalled } from './event-waits.js';
import { BackgroundDispatches } from './background-dispatches.js';
import { type DispatchRetries } from './dispatch-retries.js';
import { EventConflictError } from './errors.js';
import { filteredReceiptOf } from './filtered-receipt.js';
import { EventSpool } from './event-spool.js';
import { type SpooledContents } from './spooled-contents.js';

/** An event that its sender may send to this workflow by this trigger. */
export interface AdmittedEvent {
  readonly workflow: Workflow;
  readonly trigger: TriggerKind;
  readonly event: CloudEvent;
  /** The event as filters see it, if one has been asked already. */
  readonly subject?: FilterSubject | undefined;
  /** The query and headers that become parameters of the run; only with webhooks. */
  readonly request?: WebhookRequest | undefined;
}

/** What became of an event that its sender was allowed to send. */
export type Acceptance = Accepted | Filtered | Signalled;

export interface Accepted {
  readonly kind: 'accepted';
  readonly receipt: Receipt;
  readonly activityId: string;
  /** True if the event had been accepted before. The receipt is then that of the first time. */
  readonly replayed: boolean;
  /** Resolves when the event is no longer needed in memory. The answer does not wait for this. */
  readonly dispatched: Promise<void>;
}

/** The event does not match the filter of the trigger. Nothing runs, and no activity is recorded. */
export interface Filtered {
  readonly kind: 'filtered';
  readonly receipt: FilteredReceipt;
  readonly dispatched: Promise<void>;
}

const NOT_DISPATCHED = Promise.resolve();

export interface AcceptanceParts {
  readonly store: ActivityStore;
  /** Notifies executors of a recorded event. */
  readonly dispatcher: Dispatcher;
  /** Stores events on JetStream while MongoDB is gone; undefined without NATS. */
  readonly spoolDispatcher: Dispatcher | undefined;
  /** The spooled events that this process remembers. */
  readonly spooled: SpooledContents;
  readonly filters: CompiledFilters;
  readonly quotas: Pick<RunQuotas, 'limitOf' | 'reserve'>;
  readonly decisions: Pick<DecisionLog, 'add' | 'refused'>;
  /** Retries the dispatches that failed. */
  readonly retries: DispatchRetries;
  readonly clock: () => number;
  readonly metrics: FlowMetrics;
  readonly log: Log;
}

/** A log line shows this many characters of an event's id, which may have a megabyte. */
const LOGGED_ID_CHARS_MAX = 256;

/**
 * Makes an admitted event durable (docs/design.md#path-of-an-event, steps 3 to 5). When `accept` resolves, the event is
 * stored in MongoDB or in JetStream, and exactly one activity will exist for it, whichever process dies.
 */
export class EventAcceptance {
  readonly #spool: EventSpool;
  readonly #dispatches: BackgroundDispatches;

  constructor(private readonly parts: AcceptanceParts) {
    this.#spool = new EventSpool(parts.spoolDispatcher, parts.spooled);
    this.#dispatches = new BackgroundDispatches(parts.dispatcher, parts.retries, parts.log);
  }

  /**
   * @throws EventConflictError
   * @throws FilterUnreadableError
   * @throws NothingToRecordOnError
   * @throws QuotaExceededError
   * @throws StoreOverloadedError
   */
  async accept(admitted: AdmittedEvent): Promise<Acceptance> {
    try {
      return this.#filtered(admitted) ?? (await this.#accept(admitted));
    } catch (error) {
      if (error instanceof FlowError && !(error instanceof EventConflictError))
        this.parts.decisions.refused(error, decisionFacts(admitted));
      throw error;
    }
  }

  async #accept({ workflow, trigger, event, request }: AdmittedEvent): Promise<Accepted> {
    const activityId = activityIdOf(workflow.id, event.source, event.id);
    const acceptedAt = this.parts.clock();
    const { quotas, store } = this.parts;
    const reserved =
      quotas.limitOf(workflow) === 0
        ? undefined
        : await reserveQuota(activityId, workflow, acceptedAt, { quotas, activities: store });
    const dispatch: Dispatch = {
      activityId,
      workflowId: workflow.id,
      workflowRevision: workflow.latestRevision,
      requires: workflow.requires.length > 0 ? workflow.requires : undefined,
      trigger,
      acceptedAt,
      recorded: true,
      event,
      request,
      quotaMonth: reserved?.month,
    };
    const outcome = await this.#record(dispatch, reserved);
    return this.#answer(dispatch, outcome);
  }

  /**
   * Accepts an event for several workflows, or several events of one delivery. The sender gets success only if all are
   * accepted. A sender that repeats a failed request completes the rest.
   * @throws the first failure, after all have been tried
   */
  async acceptAll(admitted: readonly AdmittedEvent[]): Promise<readonly Acceptance[]> {
    const settled = await Promise.allSettled(admitted.map((one) => this.accept(one)));
    return settled.map(valueOf);
  }

  /**
   * Does the same for a sender that names no workflow. A workflow whose quota is used up gives undefined, unless all are
   * used up: the sender could do nothing about it. Other failures are thrown before `QuotaExceededError`, which tells
   * the sender to retry next month: the rest must be repeated sooner.
   */
  async acceptForAll(
    admitted: readonly AdmittedEvent[],
  ): Promise<readonly (Acceptance | undefined)[]> {
    const settled = await Promise.allSettled(admitted.map((one) => this.accept(one)));
    const isOtherWanting = settled.some((one) => !isOverQuota(one));
    return settled.map((one) => (isOtherWanting && isOverQuota(one) ? undefined : valueOf(one)));
  }

  /** Waits up to `withinMs` for the dispatches in flight. A sweeper finds the activities of the others. */
  settle(withinMs: number): Promise<void> {
    return this.#dispatches.settle(withinMs);
  }

  #filtered(admitted: AdmittedEvent): Filtered | undefined {
    const { workflow, trigger, event, subject = new FilterSubject(event) } = admitted;
    const filter = workflow.triggers[trigger]?.filter;
    if (filter === undefined) return undefined;
    const compiled = this.parts.filters.of(filter);
    if (compiled.matches(subject)) return undefined;
    this.parts.metrics.filtered();
    const explanation = compiled.explain(subject);
    this.parts.decisions.add({
      ...decisionFacts(admitted),
      outcome: 'filtered',
      clauses: decidedClauses(explanation),
    });
    return {
      kind: 'filtered',
      receipt: filteredReceiptOf(event, explanation),
      dispatched: NOT_DISPATCHED,
    };
  }

  async #record(
    dispatch: Dispatch,
    reserved: QuotaReservation | undefined,
  ): Promise<RecordOutcome | 'kept'> {
    const { store, spooled } = this.parts;
    let isRecorded = false;
    try {
      if (await this.#isBehindSpooled(dispatch)) return { kind: 'conflict' };
      const wakeAt = dispatch.acceptedAt + DISPATCH_GRACE_MS;
      const outcome = await store.record(newActivityOf(dispatch, wakeAt));
      spooled.forget(dispatch.activityId);
      isRecorded = outcome.kind === 'recorded';
      return outcome;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      // MongoDB may have stored the event all the same; the executor then finds the record by its id.
      return await this.#spool.keep({ ...dispatch, recorded: false }, error);
    } finally {
      reserved?.settle(isRecorded);
    }
  }

  /** Whether another event with this id is spooled and not recorded yet. */
  async #isBehindSpooled({ activityId, event }: Dispatch): Promise<boolean> {
    const { store, spooled } = this.parts;
    if (spooled.compare(activityId, event)?.kind !== 'conflict') return false;
    return (await store.get(activityId)) === undefined;
  }

  #answer(dispatch: Dispatch, outcome: RecordOutcome | 'kept'): Accepted {
    const { activityId, event } = dispatch;
    if (outcome === 'kept' || outcome.kind === 'recorded') {
      this.parts.metrics.accepted();
      this.#decided(dispatch, 'accepted');
      this.#say(dispatch, outcome === 'kept' ? 'Event kept on JetStream' : 'Event recorded');
      const dispatched = outcome === 'kept' ? NOT_DISPATCHED : this.#dispatches.begin(dispatch);
      const receipt = receiptOf(event, activityId);
      return { kind: 'accepted', receipt, activityId, replayed: false, dispatched };
    }
    if (outcome.kind === 'conflict') {
      this.parts.metrics.conflict();
      this.#decided(dispatch, 'conflict', 'EVENT_CONFLICT');
      this.#say(dispatch, 'Event rejected: the same id came before with other content');
      throw new EventConflictError(activityId);
    }
    // The request that recorded the event may have had no answer from MongoDB, and then notified no executor.
    if (outcome.isUntouched) this.parts.retries.add(activityId);
    this.parts.metrics.duplicate();
    this.#decided(dispatch, 'duplicate');
    this.#say(dispatch, 'Event had been accepted before');
    const receipt = receiptOf(outcome.first, activityId);
    return { kind: 'accepted', receipt, activityId, replayed: true, dispatched: NOT_DISPATCHED };
  }

  #decided(dispatch: Dispatch, outcome: DecisionOutcome, code?: string): void {
    const { activityId, workflowId, trigger, event } = dispatch;
    const { id: eventId, source, type } = event;
    const facts = { workflowId, trigger, eventId, source, type, activityId, outcome, code };
    this.parts.decisions.add(facts);
  }

  #say({ activityId, workflowId, trigger, event }: Dispatch, message: string): void {
    this.parts.log.routine(() => {
      const { traceId } = activityTrace(activityId, event.extensions['traceparent']);
      const eventId = event.id.slice(0, LOGGED_ID_CHARS_MAX);
      return { activityId, workflowId, trigger, eventId, traceId };
    }, message);
  }
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

function isOverQuota(settled: PromiseSettledResult<unknown>): boolean {
  return settled.status === 'rejected' && settled.reason instanceof QuotaExceededError;
}

function decisionFacts({ workflow, trigger, event }: AdmittedEvent): DecisionFacts {
  const { id: eventId, source, type } = event;
  return { workflowId: workflow.id, trigger, eventId, source, type };
}
