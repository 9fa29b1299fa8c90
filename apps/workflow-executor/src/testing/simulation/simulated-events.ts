import {
  type CorrelatedEvent,
  CorrelatedEventStore,
  EventMatcher,
  type Match,
} from '@app/persistence';
import { MemoryCorrelatedEventStore } from '@app/persistence/testing';
import { eventWaitDeliveries } from '../../outbox/event-wait-delivery.js';
import { type OutboxDelivery } from '../../outbox/outbox-delivery.js';
import { type FaultyStore } from './faulty-store.js';
import { type SimulatedProcess } from './simulated-process.js';

type StoredEvent = NonNullable<Awaited<ReturnType<CorrelatedEventStore['get']>>>;

/** More than a simulation has of anything, and longer than it lasts. */
const SETTINGS = {
  keptMax: 1_000,
  keptBytesMax: 1_000_000,
  keptMs: 10_000_000,
  repeatsMs: 10_000_000,
  matchesMax: 20,
};

/** The events by key of all processes, as each of them sees them, and a process' own code that matches them with waits. */
export class SimulatedEvents {
  readonly #events = new MemoryCorrelatedEventStore();
  /** Told of each event that counts as delivered, just before. */
  onFinish: (id: string, activities: readonly string[]) => void = () => undefined;
  readonly #matchers = new Map<SimulatedProcess, EventMatcher>();

  /** An executor's own code for waits that come later than their event. */
  deliveriesOf(
    process: SimulatedProcess,
    store: FaultyStore,
    clock: () => number,
  ): readonly (readonly [string, OutboxDelivery])[] {
    const matcher = new EventMatcher(
      new FaultyEvents(this, this.#events, store),
      store,
      clock,
      SETTINGS,
    );
    this.#matchers.set(process, matcher);
    return [...eventWaitDeliveries(matcher)];
  }

  /** A request with the event comes to a process. @throws StoreUnavailableError */
  async match(by: SimulatedProcess, event: CorrelatedEvent): Promise<Match> {
    const matcher = this.#matchers.get(by);
    if (!matcher) throw new Error(`${by.name} knows of no events`);
    return matcher.match(event);
  }

  /** An event as it is on record. */
  get(id: string): Promise<StoredEvent | undefined> {
    return this.#events.get(id);
  }
}

class FaultyEvents extends CorrelatedEventStore {
  constructor(
    private readonly shared: Pick<SimulatedEvents, 'onFinish'>,
    private readonly events: CorrelatedEventStore,
    private readonly store: Pick<FaultyStore, 'call'>,
  ) {
    super();
  }

  override add(event: CorrelatedEvent, expiresAt: number): Promise<StoredEvent | 'added'> {
    return this.#call('add', event.id, () => this.events.add(event, expiresAt));
  }

  override get(id: string): Promise<StoredEvent | undefined> {
    return this.#call('get', id, () => this.events.get(id));
  }

  override pending(
    ...asked: Parameters<CorrelatedEventStore['pending']>
  ): Promise<readonly StoredEvent[]> {
    return this.#call('pending', '', () => this.events.pending(...asked));
  }

  override claim(id: string, activities: readonly string[]): Promise<boolean> {
    return this.#call('claim', id, () => this.events.claim(id, activities));
  }

  override resume(id: string): ReturnType<CorrelatedEventStore['resume']> {
    return this.#call('resume', id, () => this.events.resume(id));
  }

  override release(id: string, token?: string): Promise<boolean> {
    return this.#call('release', id, () => this.events.release(id, token));
  }

  override finish(...asked: Parameters<CorrelatedEventStore['finish']>): Promise<void> {
    return this.#call('finish', asked[0], () => {
      this.shared.onFinish(asked[0], asked[1]);
      return this.events.finish(...asked);
    });
  }

  override withdraw(id: string): Promise<boolean> {
    return this.#call('withdraw', id, () => this.events.withdraw(id));
  }

  override held(
    ...asked: Parameters<CorrelatedEventStore['held']>
  ): ReturnType<CorrelatedEventStore['held']> {
    return this.#call('held', '', () => this.events.held(...asked));
  }

  #call<T>(what: string, id: string, work: () => Promise<T>): Promise<T> {
    return this.store.call(`event ${what} ${id}`.trim(), '', work);
  }
}
