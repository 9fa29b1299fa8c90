import { type EventSignal } from '@app/workflow-engine';
import { type ActivityStore } from '../activities/activity-store.js';
import { contentOf, type CorrelatedEvent, waitKeyOfEvent } from './correlated-event.js';
import { type CorrelatedEventStore } from './correlated-event-store.js';
import { waitKeyOf } from './wait-key.js';

export interface EventMatcherSettings {
  /** Events of one workflow that are kept because nothing waits for them yet, and their bytes. */
  readonly keptMax: number;
  readonly keptBytesMax: number;
  /** How long, in milliseconds. */
  readonly keptMs: number;
  /** How long an event that was taken is known, in milliseconds, so that it counts once. */
  readonly repeatsMs: number;
  /** Activities that one event is told to, at most. */
  readonly matchesMax: number;
}

export type Match =
  /** `replayed`: it had been taken before; these have it. */
  | {
      readonly kind: 'signalled';
      readonly activities: readonly string[];
      readonly replayed: boolean;
    }
  /** Nothing waits for it. The first that does gets it, until then. */
  | { readonly kind: 'kept'; readonly until: number; readonly replayed: boolean }
  /** Nothing waits for it, and as many are kept as may be. It is not. */
  | { readonly kind: 'full' }
  /** The same id came before with other content. */
  | { readonly kind: 'conflict' };

const TRIES_MAX = 3;
/** Events that came before a wait, looked at for one that has just begun: the first is given, the next seldom. */
const SERVED_MAX = 20;

/**
 * Brings events and the waits for them together by workflow, topic and key, whichever came first
 * (docs/adr/0032):
 *
 * M1. Whoever brings an event stores it, and then looks for waits; whoever begins to wait commits that, and
 *     then looks for events (`serve`, from the outbox). So one of the two sees the other.
 * M2. An event is claimed for those that wait at that moment before any of them is told. Who breaks off is
 *     followed by the sender's repeat or by the outbox, which tell the same activities.
 * M3. A wait takes one event: the store tells it of no second one before it has taken the first.
 * M4. A signal has the event's id, so that a run takes it once.
 */
export class EventMatcher {
  #onSignalled: (activity: string) => void = () => undefined;

  constructor(
    private readonly events: CorrelatedEventStore,
    private readonly activities: Pick<ActivityStore, 'waitingFor' | 'signal'>,
    private readonly clock: () => number,
    private readonly settings: EventMatcherSettings,
  ) {}

  /** Is told of each activity that has a signal now. */
  subscribe(onSignalled: (activity: string) => void): void {
    this.#onSignalled = onSignalled;
  }

  /** @throws ActivityInboxFullError, StoreUnavailableError: what is sent again then goes on with it */
  async match(event: CorrelatedEvent): Promise<Match> {
    const until = event.at + this.settings.keptMs;
    const found = await this.events.add(event, until);
    const replayed = found !== 'added';
    if (replayed) {
      if (found.content !== contentOf(event)) return { kind: 'conflict' };
      const { status, activities } = found;
      if (status === 'done') return { kind: 'signalled', activities, replayed };
    }
    const told = await this.#give(event);
    if (told !== undefined) return { kind: 'signalled', activities: told, replayed };
    if (replayed) return { kind: 'kept', until: found.at + this.settings.keptMs, replayed };
    return (await this.#isRoomFor(event)) ? { kind: 'kept', until, replayed } : { kind: 'full' };
  }

  /** Gives a wait that has just been committed what came before it. */
  async serve(workflowId: string, topic: string, correlationKey: string): Promise<void> {
    const key = waitKeyOf(topic, correlationKey);
    for (const event of await this.events.pending(workflowId, key, SERVED_MAX)) {
      const told = event.status === 'given' ? await this.#resume(event) : await this.#give(event);
      if (told === undefined) return;
    }
  }

  /** To all that wait for it now; undefined when nothing does. */
  async #give(event: CorrelatedEvent): Promise<readonly string[] | undefined> {
    const { id, workflowId } = event;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const { matchesMax } = this.settings;
      const key = waitKeyOfEvent(event);
      const waiting = await this.activities.waitingFor(workflowId, key, matchesMax);
      const isMine = waiting.length > 0 && (await this.events.claim(id, waiting));
      if (!isMine) {
        const others = await this.#resume(event);
        if (others !== undefined || waiting.length === 0) return others;
        continue;
      }
      const told = await this.#tell(event, waiting);
      if (told.length > 0) return this.#finish(event, told);
      // They ended, or got another event, since they were looked at.
      if (!(await this.events.release(id))) return waiting;
    }
    return undefined;
  }

  /** Goes on where another broke off, or still is; undefined when it is kept. */
  async #resume(event: CorrelatedEvent): Promise<readonly string[] | undefined> {
    const activities = await this.events.resume(event.id);
    if (activities === undefined) {
      const found = await this.events.get(event.id);
      return found?.status === 'kept' ? undefined : (found?.activities ?? []);
    }
    await this.#tell(event, activities);
    return this.#finish(event, activities);
  }

  /** Those of them that have it now. */
  async #tell(event: CorrelatedEvent, activities: readonly string[]): Promise<readonly string[]> {
    const signal = this.#signalOf(event);
    const told: string[] = [];
    for (const activity of activities) {
      const outcome = await this.activities.signal(activity, signal);
      if (outcome !== 'appended' && outcome !== 'duplicate') continue;
      told.push(activity);
      this.#onSignalled(activity);
    }
    return told;
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
    const { id, topic, correlationKey, outcome, payload } = event;
    return {
      id: `event:${id}`,
      kind: 'event',
      at: this.clock(),
      ...{ topic, correlationKey, outcome },
      ...(payload !== undefined && { payload }),
      wait: waitKeyOfEvent(event),
    };
  }

  /** It is stored already, so those that come at the same moment see each other; then some are too many. */
  async #isRoomFor({ id, workflowId }: CorrelatedEvent): Promise<boolean> {
    const { keptMax, keptBytesMax } = this.settings;
    const { count, bytes } = await this.events.held(workflowId, keptMax + 1);
    if (count <= keptMax && bytes <= keptBytesMax) return true;
    return !(await this.events.withdraw(id));
  }
}
