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
import { activityTrace, Episode, type FlowMetrics, type Log } from '@app/observability';
import {
  type ActivityStore,
  type DecisionOutcome,
  DISPATCH_GRACE_MS,
  newActivityOf,
  placeFor,
  QuotaExceededError,
  type QuotaPlace,
  type RecordOutcome,
  type RunQuotas,
  StoreUnavailableError,
  type Workflow,
} from '@app/persistence';
import type { FilteredReceipt, Receipt } from '@flow-eventing/events';
import { setTimeout as delay } from 'node:timers/promises';
import { decidedClauses } from '../decisions/decided-clauses.js';
import { type DecisionFacts, type DecisionLog } from '../decisions/decision-log.js';
import { type Signalled } from './event-waits.js';
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
  /** The event as filters have seen it already, if they have. */
  readonly subject?: FilterSubject | undefined;
  /** Of a webhook. */
  readonly request?: WebhookRequest | undefined;
}

/** What became of an event that its sender was allowed to send. */
export type Acceptance = Accepted | Filtered | Signalled;

export interface Accepted {
  readonly kind: 'accepted';
  readonly receipt: Receipt;
  readonly activityId: string;
  /** It had been accepted before; the receipt is the first one's. */
  readonly replayed: boolean;
  /** Resolves when the event is no longer needed in memory; the answer does not wait for it. */
  readonly dispatched: Promise<void>;
}

/** The trigger does not want the event. Nothing runs, and nothing is on record. */
export interface Filtered {
  readonly kind: 'filtered';
  readonly receipt: FilteredReceipt;
  readonly dispatched: Promise<void>;
}

const NOT_DISPATCHED = Promise.resolve();

export interface AcceptanceParts {
  readonly store: ActivityStore;
  /** How executors are told, once the event is on record. */
  readonly dispatcher: Dispatcher;
  /** Where an event can be kept while MongoDB is gone, if there is such a place. */
  readonly spoolDispatcher: Dispatcher | undefined;
  /** What is kept there, as far as this process remembers. */
  readonly spooled: SpooledContents;
  readonly filters: CompiledFilters;
  readonly quotas: Pick<RunQuotas, 'limitOf' | 'place'>;
  readonly decisions: Pick<DecisionLog, 'add' | 'refused'>;
  /** Activities whose dispatch failed. */
  readonly retries: DispatchRetries;
  readonly clock: () => number;
  readonly metrics: FlowMetrics;
  readonly log: Log;
}

/** What a log line shows of an event's id, which its sender may have made a megabyte long. */
const LOGGED_ID_CHARS_MAX = 256;

/**
 * Makes an admitted event durable (design, section 4, steps 4 to 6). When `accept` resolves, the
 * event is in MongoDB or in JetStream and will have exactly one activity, whatever dies.
 */
export class EventAcceptance {
  readonly #dispatching = new Set<Promise<void>>();

  readonly #notDispatched: Episode;
  readonly #spool: EventSpool;

  constructor(private readonly parts: AcceptanceParts) {
    this.#spool = new EventSpool(parts.spoolDispatcher, parts.spooled);
    this.#notDispatched = new Episode(parts.log, {
      began:
        'Not dispatched; an executor is notified when one can be reached, or the sweeper finds it',
      ended: 'There were events that were not dispatched',
    });
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
    const place =
      quotas.limitOf(workflow) === 0
        ? undefined
        : await placeFor(activityId, workflow, acceptedAt, { quotas, activities: store });
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
      quotaMonth: place?.month,
    };
    const outcome = await this.#record(dispatch, place);
    return this.#answer(dispatch, outcome);
  }

  /**
   * Each event for each of its workflows. To the sender they are one: it hears of success only when all
   * are accepted, and whoever repeats what failed completes the rest.
   * @throws the first failure, when all have been tried
   */
  async acceptAll(admitted: readonly AdmittedEvent[]): Promise<readonly Acceptance[]> {
    const settled = await Promise.allSettled(admitted.map((one) => this.accept(one)));
    return settled.map(valueOf);
  }

  /**
   * As `acceptAll`, for a sender that names no workflow: a workflow without quota left is passed over, with undefined
   * in its place, unless no other workflow wants the event, because its sender could do nothing about it. Other
   * failures come before that one: a sender that is told to come again next month would not repeat the rest in a
   * moment.
   */
  async acceptForAll(
    admitted: readonly AdmittedEvent[],
  ): Promise<readonly (Acceptance | undefined)[]> {
    const settled = await Promise.allSettled(admitted.map((one) => this.accept(one)));
    const isOtherWanting = settled.some((one) => !isOverQuota(one));
    return settled.map((one) => (isOtherWanting && isOverQuota(one) ? undefined : valueOf(one)));
  }

  /** Waits for the dispatches that are under way, at most `withinMs`; a sweeper finds the others. */
  async settle(withinMs: number): Promise<void> {
    const late = delay(withinMs, undefined, { ref: false });
    await Promise.race([Promise.all(this.#dispatching), late]);
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
    place: QuotaPlace | undefined,
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
      // MongoDB may have taken it all the same: the executor finds it by its id then.
      return await this.#spool.keep({ ...dispatch, recorded: false }, error);
    } finally {
      place?.settle(isRecorded);
    }
  }

  /** Other content came first, and is on its way from JetStream to its record. */
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
      const dispatched = outcome === 'kept' ? NOT_DISPATCHED : this.#dispatchInBackground(dispatch);
      const receipt = receiptOf(event, activityId);
      return { kind: 'accepted', receipt, activityId, replayed: false, dispatched };
    }
    if (outcome.kind === 'conflict') {
      this.parts.metrics.conflict();
      this.#decided(dispatch, 'conflict', 'EVENT_CONFLICT');
      this.#say(dispatch, 'Event rejected: the same id came before with other content');
      throw new EventConflictError(activityId);
    }
    // The first sender, or this one, may have got no answer, and then no executor was notified.
    if (outcome.isUntouched) this.parts.retries.add(activityId);
    this.parts.metrics.duplicate();
    this.#decided(dispatch, 'duplicate');
    this.#say(dispatch, 'Event was there already');
    const receipt = receiptOf(outcome.first, activityId);
    return { kind: 'accepted', receipt, activityId, replayed: true, dispatched: NOT_DISPATCHED };
  }

  #decided(dispatch: Dispatch, outcome: DecisionOutcome, code?: string): void {
    const { activityId, workflowId, trigger, event } = dispatch;
    const { id: eventId, source, type } = event;
    const facts = { workflowId, trigger, eventId, source, type, activityId, outcome, code };
    this.parts.decisions.add(facts);
  }

  /** The answer does not wait for the dispatch, and a sweeper finds an event whose dispatch failed. */
  #dispatchInBackground(dispatch: Dispatch): Promise<void> {
    const dispatching: Promise<void> = this.parts.dispatcher
      .dispatch(dispatch)
      .catch((error: unknown) => {
        const reason = error instanceof FlowError ? error.message : String(error);
        const { activityId } = dispatch;
        const retried = this.parts.retries.add(activityId);
        this.#notDispatched.occurred(() => ({ activityId, reason, retried }));
      })
      .finally(() => this.#dispatching.delete(dispatching));
    this.#dispatching.add(dispatching);
    return dispatching;
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
