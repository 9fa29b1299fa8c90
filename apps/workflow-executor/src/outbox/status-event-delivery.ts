import { InFlightMap } from '@app/collections';
import { DispatchTooLargeError, type StatusPublisher } from '@app/messaging';
import { type OutboxEntry } from '@app/workflow-engine';
import { type DeliveryOutcome, type EntryOrigin, OutboxDelivery } from './outbox-delivery.js';
import { statusEvents } from './status-event.js';

/** The largest number of partly published entries whose progress is remembered. */
const UNFINISHED_MAX = 1_000;

/**
 * Publishes new statuses of an activity and of its tasks as CloudEvents to JetStream (docs/status-events.md). An
 * entry of many events may take longer than one delivery is allowed; the next delivery continues where it stopped.
 */
export class StatusEventDelivery extends OutboxDelivery {
  /** By entry: how many of its events the stream has. The entry that was published last is at the end. */
  readonly #published = new InFlightMap<string, number>();

  constructor(private readonly publisher: Pick<StatusPublisher, 'available' | 'publish'>) {
    super();
  }

  override get available(): boolean {
    return this.publisher.available;
  }

  override async deliver(
    entry: OutboxEntry,
    origin: EntryOrigin,
    abort: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const name = `${origin.id} ${entry.id}`;
    try {
      const published = this.#published.get(name) ?? 0;
      // One after the other: an event is published only after the stream has the one before.
      for (const [at, event] of [...statusEvents(entry, origin)].entries()) {
        if (at < published) continue;
        abort.throwIfAborted();
        await this.publisher.publish(event);
        this.#note(name, at + 1);
      }
      this.#published.delete(name);
      return { kind: 'delivered' };
    } catch (error) {
      if (!(error instanceof DispatchTooLargeError)) throw error;
      this.#published.delete(name);
      return { kind: 'refused', code: error.code, message: error.message };
    }
  }

  /** An entry without remembered progress is published from its first event; the stream drops duplicates. */
  #note(name: string, published: number): void {
    this.#published.delete(name);
    this.#published.set(name, published);
    const [oldest] = this.#published.keys();
    if (this.#published.size > UNFINISHED_MAX && oldest !== undefined)
      this.#published.delete(oldest);
  }
}
