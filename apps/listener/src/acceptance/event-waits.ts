import { activityIdOf, type CloudEvent, contextAttributes } from '@app/events';
import { type JsonValue, toJsonText } from '@app/json';
import { type Dispatcher } from '@app/messaging';
import {
  ActivityEndedError,
  ActivityNotFoundError,
  type ActivityStore,
  type DecidedClause,
  type EventMatcher,
  type Match,
} from '@app/persistence';
import { type EventAttributes } from '@app/workflow-engine';
import type { SignalledReceipt } from '@flow-eventing/events';
import { type DecisionLog } from '../decisions/decision-log.js';
import { EarlyEventsFullError, EventConflictError } from './errors.js';

/** What an event delivers to runs. */
export interface SentToRuns {
  readonly topic: string;
  readonly outcome: 'succeeded' | 'failed';
  readonly payload?: JsonValue | undefined;
  /** Those of the CloudEvent, for the filters of the waiting tasks; absent if it was none. */
  readonly attributes?: EventAttributes;
  readonly correlationKey?: string | undefined;
}

/** What identifies a repeated event. */
export type EventIdentity = Pick<CloudEvent, 'id' | 'source'>;

export type Matched = Extract<Match, { kind: 'signalled' | 'kept' }>;

/** An event that was delivered to runs, or is kept for one. */
export interface Signalled {
  readonly kind: 'signalled';
  readonly receipt: SignalledReceipt;
  readonly replayed: boolean;
  readonly dispatched: Promise<unknown>;
}

export interface EventWaitsParts {
  readonly matcher: Pick<EventMatcher, 'match' | 'subscribe'>;
  readonly store: Pick<ActivityStore, 'signal'>;
  readonly dispatcher: Pick<Dispatcher, 'notify'>;
  readonly decisions: Pick<DecisionLog, 'add'>;
  readonly clock: () => number;
  /** Makes the id of a signal whose event has no identity. */
  readonly random: () => string;
}

/** Delivers events to the runs of a workflow that wait for them. The caller has checked the token. */
export class EventWaits {
  constructor(private readonly parts: EventWaitsParts) {
    parts.matcher.subscribe((activity) => {
      this.#notify(activity);
    });
  }

  /**
   * Delivers to all runs of the workflow that wait for the topic and key. If none does, the event is kept for the first
   * that will.
   * @throws EventConflictError, EarlyEventsFullError, ActivityInboxFullError
   */
  async match(
    workflowId: string,
    sent: SentToRuns & { readonly correlationKey: string },
    identity: EventIdentity | undefined,
  ): Promise<Matched> {
    const { topic, correlationKey, outcome, payload, attributes } = sent;
    const { matcher, clock, random } = this.parts;
    const match = await matcher.match({
      id: identity ? idOf(workflowId, identity) : random(),
      isNamed: identity !== undefined,
      ...{ workflowId, topic, correlationKey, outcome },
      ...(payload !== undefined && { payload }),
      ...(attributes && { attributes }),
      at: clock(),
    });
    this.#decide(workflowId, sent, match, identity);
    if (match.kind === 'conflict') throw new EventConflictError();
    if (match.kind === 'full') throw new EarlyEventsFullError();
    return match;
  }

  /** Delivers to one run of the workflow. @throws ActivityEndedError, ActivityInboxFullError */
  async send(
    { id, workflowId }: { readonly id: string; readonly workflowId: string },
    { topic, outcome, payload, attributes, correlationKey }: SentToRuns,
    identity: EventIdentity | undefined,
  ): Promise<void> {
    const { store, clock, random } = this.parts;
    const put = await store.signal(id, {
      id: `event:${identity ? idOf(workflowId, identity) : random()}`,
      kind: 'event',
      at: clock(),
      ...{ topic, outcome },
      ...(payload !== undefined && { payload }),
      ...(attributes && { attributes }),
      ...(correlationKey !== undefined && { correlationKey }),
    });
    requireOpen(id, put);
    // The signal is recorded and the run is due, so a sweeper finds it if the notification is lost.
    this.#notify(id);
  }

  /** @throws ActivityEndedError */
  async cancel(id: string, workflowId: string, event: CloudEvent): Promise<void> {
    const at = this.parts.clock();
    const reason = `Cancelled by the event "${event.id.slice(0, 256)}" of ${event.source.slice(0, 256)}`;
    const signal = { id: `cancel:${idOf(workflowId, event)}`, kind: 'cancel', at, reason } as const;
    const put = await this.parts.store.signal(id, signal);
    requireOpen(id, put);
    this.#notify(id);
  }

  #notify(activity: string): void {
    void this.parts.dispatcher.notify(activity).catch(() => undefined);
  }

  #decide(
    workflowId: string,
    { topic, correlationKey = '' }: SentToRuns,
    match: Match,
    identity: EventIdentity | undefined,
  ): void {
    const activities = match.kind === 'signalled' ? match.activities : [];
    const [activityId] = activities;
    const clauses: readonly DecidedClause[] = [
      { path: 'topic', holds: true, wants: toJsonText(topic) },
      {
        path: 'correlationKey',
        holds: match.kind === 'signalled',
        wants: toJsonText(correlationKey),
        reason: reasonOf(match),
      },
    ];
    this.parts.decisions.add({
      outcome: DECIDED[match.kind],
      code: CODES[match.kind],
      workflowId,
      trigger: 'event',
      eventId: identity?.id,
      source: identity?.source,
      activityId,
      clauses,
    });
  }
}

const DECIDED = {
  signalled: 'signalled',
  kept: 'kept',
  full: 'refused',
  conflict: 'conflict',
} as const;
const CODES = {
  signalled: undefined,
  kept: undefined,
  full: 'EARLY_EVENTS_FULL',
  conflict: 'EVENT_CONFLICT',
} as const;

function reasonOf(match: Match): string {
  switch (match.kind) {
    case 'signalled':
      return `delivered to ${match.activities.length} waiting runs`;
    case 'kept':
      return 'no run waits for this topic and key: kept for the first that does';
    case 'full':
      return 'no run waits for this topic and key, and the limit of kept events is reached';
    case 'conflict':
      return 'an event with the same id and other content came before';
  }
}

/** The answer to an event that was matched. */
export function signalledOf(event: CloudEvent, match: Matched): Signalled {
  const { replayed } = match;
  return signalledReceipt(event, match.kind, match.kind === 'signalled' ? match.activities : [], {
    replayed,
    ...(match.kind === 'kept' && { until: match.until }),
  });
}

export function signalledReceipt(
  event: CloudEvent,
  outcome: SignalledReceipt['outcome'],
  activities: readonly string[],
  { replayed = false, until }: { readonly replayed?: boolean; readonly until?: number } = {},
): Signalled {
  const receipt = {
    ...contextAttributes(event),
    outcome,
    activities,
    ...(until !== undefined && { keptuntil: new Date(until).toISOString() }),
  } as unknown as SignalledReceipt;
  return { kind: 'signalled', receipt, replayed, dispatched: Promise.resolve() };
}

function requireOpen(id: string, put: Awaited<ReturnType<ActivityStore['signal']>>): void {
  if (put === 'not-found') throw new ActivityNotFoundError(id);
  if (put === 'final') throw new ActivityEndedError(id);
}

/** Made like the id of an activity that the event would start. The prefix keeps the two apart. */
function idOf(workflowId: string, { id, source }: EventIdentity): string {
  return activityIdOf(`signal ${workflowId}`, source, id);
}
