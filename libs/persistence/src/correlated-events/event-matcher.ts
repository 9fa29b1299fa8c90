import { type EventSignal } from '@app/workflow-engine';
import { type ActivityStore } from '../activities/activity-store.js';
import { contentOf, type CorrelatedEvent, waitKeyOfEvent } from './correlated-event.js';
import { type CorrelatedEventStore } from './correlated-event-store.js';
import { waitKeyOf } from './wait-key.js';

export interface EventMatcherSettings {
  /** The most events of one workflow that are kept because nothing waits for them yet. */
  readonly keptMax: number;
  /** The most bytes that the kept events of one workflow may have. */
  readonly keptBytesMax: number;
  /** How long an event is kept for a wait to come, in milliseconds. */
  readonly keptMs: number;
  /** How long repeats of a delivered event are recognized, in milliseconds. */
  readonly repeatsMs: number;
  /** The most activities that one event is delivered to. */
  readonly matchesMax: number;
}

export type Match =
  /** These activities have a signal for the event. `replayed`: the event had been stored before. */
  | {
      readonly kind: 'signalled';
      readonly activities: readonly string[];
      readonly replayed: boolean;
    }
  /** Nothing waits for the event. The first wait for it gets it, up to `until` (milliseconds since 1970). */
  | { readonly kind: 'kept'; readonly until: number; readonly replayed: boolean }
  /** Nothing waits for the event, and it is not stored, because the workflow's bound of kept events is reached. */
  | { readonly kind: 'full' }
  /** An event with the same id and different content is stored. */
  | { readonly kind: 'conflict' };

/** Each takes another process that changes the same event or its waits at the same time. */
const TRIES_MAX = 10;
/** The most stored events that a new wait looks at. It usually takes the first. */
const SERVED_MAX = 20;

/**
 * Matches events with the waits for them by workflow, topic and correlation key, whichever came first
 * (docs/adr/0032). Invariants:
 *
 * M1. An event is stored before waits are looked for (`match`), and a wait is committed before events are
 *     looked for (`serve`, from the outbox). So at least one of the two finds the other.
 * M2. An event is claimed for the activities that wait at that moment before any of them is signalled. If the
 *     process dies in between, the sender's repeat or the outbox signals the same activities.
 *     An event that none of them takes is kept again: whoever found that looks for waits afterwards, as after M1.
 * M3. A wait takes one event: the store appends no second signal for it before the first is taken.
 * M4. The id of a signal is made from the event's id, so that a run takes an event once.
 */
export class EventMatcher {
  #onSignalled: (activity: string) => void = () => undefined;

  constructor(
    private readonly events: CorrelatedEventStore,
    private readonly activities: Pick<ActivityStore, 'waitingFor' | 'signal'>,
    private readonly clock: () => number,
    private readonly settings: EventMatcherSettings,
  ) {}

  /** Sets the function that is called with the id of each activity that got a signal. */
  subscribe(onSignalled: (activity: string) => void): void {
    this.#onSignalled = onSignalled;
  }

  /**
   * Delivers an event to the activities that wait for it, or keeps it for the first that will.
   * @throws ActivityInboxFullError, StoreUnavailableError; the same event sent again continues the delivery
   */
  async match(event: CorrelatedEvent): Promise<Match> {
    const until = event.at + this.settings.keptMs;
    const found = await this.events.add(event, until);
    const replayed = found !== 'added';
    if (replayed) {
      if (found.content !== contentOf(event)) return { kind: 'conflict' };
      const { status, activities } = found;
      if (status === 'done') return { kind: 'signalled', activities, replayed };
    }
    const signalled = await this.#give(event);
    if (signalled !== undefined) return { kind: 'signalled', activities: signalled, replayed };
    if (replayed) return { kind: 'kept', until: found.at + this.settings.keptMs, replayed };
    return (await this.#isRoomFor(event)) ? { kind: 'kept', until, replayed } : { kind: 'full' };
  }

  /** Delivers stored events to a wait that has just been committed. */
  async serve(workflowId: string, topic: string, correlationKey: string): Promise<void> {
    const key = waitKeyOf(topic, correlationKey);
    for (const event of await this.events.pending(workflowId, key, SERVED_MAX)) {
      const signalled = await this.#give(event);
      if (signalled === undefined) return;
    }
  }

  /**
   * Delivers an event to all activities that wait for it now, or continues its delivery to those that waited before;
   * undefined when none does. Only who has found no wait since the event was `kept` again may leave it so (M2).
   */
  async #give(event: CorrelatedEvent): Promise<readonly string[] | undefined> {
    const { id, workflowId } = event;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const { matchesMax } = this.settings;
      const key = waitKeyOfEvent(event);
      const waiting = await this.activities.waitingFor(workflowId, key, matchesMax);
      const isMine = waiting.length > 0 && (await this.events.claim(id, waiting));
      const given = await (isMine ? this.#deliver(event, waiting) : this.#resume(event));
      if (typeof given !== 'string') return given;
      if (given === 'kept' && waiting.length === 0) return undefined;
    }
    return undefined;
  }

  /** Continues a delivery that another process began and may still be making. */
  async #resume(event: CorrelatedEvent): Promise<readonly string[] | 'kept' | 'again'> {
    const resumed = await this.events.resume(event.id);
    if (resumed) return this.#deliver(event, resumed.activities, resumed.token);
    const found = await this.events.get(event.id);
    return found?.status === 'kept' ? 'kept' : (found?.activities ?? []);
  }

  /**
   * Signals the activities that the event is given to.
   * @param token if another process may have signalled them, too
   * @returns `again` when none takes the event: they have got another one, or time out, since they were read
   */
  async #deliver(
    event: CorrelatedEvent,
    activities: readonly string[],
    token?: string,
  ): Promise<readonly string[] | 'again'> {
    const { signalled, hasEnded } = await this.#signal(event, activities);
    // The other process may have signalled one that has ended by now.
    if (token !== undefined && (hasEnded || signalled.length > 0))
      return this.#finish(event, activities);
    if (signalled.length > 0) return this.#finish(event, signalled);
    await this.events.release(event.id, token);
    return 'again';
  }

  /** Signals the activities. @returns those that have the signal now, and whether one of the others has ended */
  async #signal(
    event: CorrelatedEvent,
    activities: readonly string[],
  ): Promise<{ readonly signalled: readonly string[]; readonly hasEnded: boolean }> {
    const signal = this.#signalOf(event);
    const signalled: string[] = [];
    let hasEnded = false;
    for (const activity of activities) {
      const outcome = await this.activities.signal(activity, signal);
      hasEnded ||= outcome === 'final';
      if (outcome !== 'appended' && outcome !== 'duplicate') continue;
      signalled.push(activity);
      this.#onSignalled(activity);
    }
    return { signalled, hasEnded };
  }

  async #finish(
    { id, isNamed }: CorrelatedEvent,
    activities: readonly string[],
  ): Promise<readonly string[]> {
    const knownUntil = this.clock() + this.settings.repeatsMs;
    await this.events.finish(id, activities, isNamed ? knownUntil : undefined);
    return activities;
  }

  #signalOf(event: CorrelatedEvent): EventSignal {
    const { id, topic, correlationKey, outcome, payload, attributes } = event;
    return {
      id: `event:${id}`,
      kind: 'event',
      at: this.clock(),
      ...{ topic, correlationKey, outcome },
      ...(payload !== undefined && { payload }),
      ...(attributes && { attributes }),
      wait: waitKeyOfEvent(event),
    };
  }

  /**
   * Whether an event may be kept; removes it if not. The event is stored before the count, so events that come at
   * the same moment count each other and never exceed the bound.
   */
  async #isRoomFor({ id, workflowId }: CorrelatedEvent): Promise<boolean> {
    const { keptMax, keptBytesMax } = this.settings;
    const { count, bytes } = await this.events.held(workflowId, keptMax + 1);
    if (count <= keptMax && bytes <= keptBytesMax) return true;
    return !(await this.events.withdraw(id));
  }
}
